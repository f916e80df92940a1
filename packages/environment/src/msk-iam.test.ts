import { ClientNotInstalledError, ConfigurationError } from '@preservarium/core';
import { afterEach, expect, test, vi } from 'vitest';
import { readKafkaOptions } from './index.js';
import { mskIamToken } from './msk-iam.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

const mechanism = { KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM', KAFKA_SSL: 'true' };

test.each([
  [{ KAFKA_SASL_AWS_REGION: 'eu-central-1' }, 'eu-central-1'],
  [{ AWS_REGION: 'us-east-1' }, 'us-east-1'],
  [{ AWS_REGION: 'us-east-1', KAFKA_SASL_AWS_REGION: 'eu-central-1' }, 'eu-central-1'],
])('AWS_MSK_IAM signs tokens for the region of %o', async (variables, region) => {
  const { sasl } = readKafkaOptions({ ...mechanism, ...variables });
  if (sasl?.mechanism !== 'oauthbearer') throw new Error('no token function');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a secret');
  const { value } = await sasl.token();
  expect(new URL(Buffer.from(value, 'base64url').toString()).host).toBe(`kafka.${region}.amazonaws.com`);
});

test('without a region it is an error that names both variables', () => {
  expect(() => readKafkaOptions(mechanism)).toThrow(ConfigurationError);
  expect(() => readKafkaOptions(mechanism)).toThrow(
    'KAFKA_SASL_AWS_REGION is not set, and neither is AWS_REGION, but KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs one of them; for example KAFKA_SASL_AWS_REGION=eu-central-1',
  );
});

test('a region that is none is refused', () => {
  expect(() => readKafkaOptions({ ...mechanism, AWS_REGION: 'Frankfurt' })).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('"Frankfurt"'),
    }),
  );
});

test('where the package is not installed, the error has the command that installs it', () => {
  const notInstalled = () => {
    throw Object.assign(new Error("Cannot find module '@preservarium/msk-iam'"), {
      code: 'MODULE_NOT_FOUND',
    });
  };
  expect(() => mskIamToken('eu-central-1', notInstalled)).toThrow(ClientNotInstalledError);
  expect(() => mskIamToken('eu-central-1', notInstalled)).toThrow('run `npm install @preservarium/msk-iam`');
});

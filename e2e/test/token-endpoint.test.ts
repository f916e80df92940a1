import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { startKafka, startTokenServer } from '@preservarium/dev-services';
import { readKafkaOptions } from '@preservarium/environment';
import { describe, expect, test } from 'vitest';

const clientId = 'a client';
const clientSecret = 'a:secret+/%';

/** The token function that the variables make. */
function tokenFunction(endpointUrl: string, more: Readonly<Record<string, string>> = {}) {
  const { sasl } = readKafkaOptions({
    KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
    KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: endpointUrl,
    KAFKA_SASL_OAUTHBEARER_CLIENT_ID: clientId,
    KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: clientSecret,
    ...more,
  });
  return sasl?.mechanism === 'oauthbearer' ? sasl.token : expect.fail('no token function');
}

describe('OAUTHBEARER with client credentials', () => {
  test('gets a token with its user and the end of its lifetime', async () => {
    await using server = await startTokenServer({ clientId, clientSecret, principal: 'admin' });
    const scope = { KAFKA_SASL_OAUTHBEARER_SCOPE: 'kafka commands' };
    const { principal, expiresAtMs } = await tokenFunction(server.endpointUrl, scope)();
    expect(principal).toBe('admin');
    expect(Math.abs(expiresAtMs - Date.now() - 3_600_000)).toBeLessThan(60_000);
    await tokenFunction(server.endpointUrl)();
    expect(server.granted).toEqual(['kafka commands', null]);
  });

  test('a refused client is AUTHENTICATION_FAILED with the reason and without the secret', async () => {
    await using server = await startTokenServer({ clientId, clientSecret: 'other', principal: 'admin' });
    const error = await tokenFunction(server.endpointUrl)().catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      message: expect.stringContaining('gave no token for the client "a client": status 401, invalid_client'),
    });
    expect(String(error)).not.toContain(clientSecret);
  });

  test('an endpoint that does not answer is BACKEND_UNAVAILABLE', async () => {
    const server = await startTokenServer({ clientId, clientSecret, principal: 'admin' });
    await server[Symbol.asyncDispose]();
    await expect(tokenFunction(server.endpointUrl)()).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringContaining(`the token endpoint ${server.endpointUrl} cannot be reached`),
    });
  });

  test.each([createKafkajsBackend, createRdkafkaBackend])(
    'logs in at a broker: %o',
    async (createBackend) => {
      await using server = await startTokenServer({ clientId, clientSecret, principal: 'admin' });
      await using cluster = await startKafka({ security: 'sasl-ssl', isolated: true });
      const sasl = { mechanism: 'oauthbearer' as const, token: tokenFunction(server.endpointUrl) };
      const backend = createBackend({ ...cluster.settings, sasl });
      try {
        await backend.connect({ timeoutMs: 30_000 });
        await backend.createTopic({ topic: 'commands', partitions: 1 });
        const record = { topic: 'commands', key: 'device-1', value: Buffer.from('on') };
        expect(await backend.publish([record], { timeoutMs: 30_000 })).toMatchObject([{ ok: true }]);
        expect(server.granted).toEqual([null]);
      } finally {
        await backend.close({ timeoutMs: 5_000 });
      }
    },
  );
});

import { AuthenticationError, ConfigurationError, PublishFailedError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameVariable } from './name-variable.js';

const program = {
  variables: { MQTT_URL: { rule: z.string(), meaning: 'The broker.', example: 'mqtt://broker.example' } },
  variableOf: { url: 'MQTT_URL', tls: 'MQTT_CA' },
};

test.each([
  ['url: is empty; for example "mqtt://x"', 'MQTT_URL: is empty; for example MQTT_URL=mqtt://broker.example'],
  [
    'url: take another, for example "x"',
    'MQTT_URL: take another; for example MQTT_URL=mqtt://broker.example',
  ],
  ['url: is empty', 'MQTT_URL: is empty; for example MQTT_URL=mqtt://broker.example'],
])('%s', (message, named) => {
  const error = new ConfigurationError(message);
  expect(nameVariable(error, program)).toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: named,
    cause: error,
  });
});

test.each([
  new ConfigurationError('clientId: is empty'),
  new ConfigurationError('tls: is for mqtts:'),
  new ConfigurationError('the broker refuses the url: why?'),
  new PublishFailedError('url: is refused'),
  new Error('url: is refused'),
])('any other error is left as it is: %s', (error) => {
  expect(nameVariable(error, program)).toBe(error);
});

test('a certificate that is not trusted is one of the variable, and of the file that it names', () => {
  const program = {
    variables: {
      MQTT_CA: { meaning: '', rule: z.string(), example: '/etc/mqtt/ca.pem' },
    },
    variableOf: { tls: 'MQTT_CA' },
  };
  const error = new AuthenticationError('tls: cannot connect to mqtts://b:8883: self-signed certificate');
  const named = (environment: Readonly<Record<string, string>>) => nameVariable(error, program, environment);
  expect(named({})).toMatchObject({
    code: 'AUTHENTICATION_FAILED',
    message: expect.stringMatching(/^MQTT_CA: cannot connect to mqtts:\/\/b:8883: self-signed certificate; /),
  });
  expect(named({ MQTT_CA_FILE: '/run/ca.pem' })).toMatchObject({
    message: expect.stringMatching(/^MQTT_CA_FILE, the file \/run\/ca\.pem: cannot connect to /),
  });
});

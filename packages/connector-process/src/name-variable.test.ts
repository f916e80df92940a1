import { ConfigurationError, PublishFailedError } from '@preservarium/core';
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

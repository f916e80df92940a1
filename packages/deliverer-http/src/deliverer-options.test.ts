import { ConfigurationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createHttpDeliverer } from './index.js';

const directory = () => undefined;

test.each([
  [{ timeoutMs: 0 }, 'timeoutMs: 0 is not a positive whole number; for example 10000'],
  [{ timeoutMs: Number.NaN }, 'timeoutMs: NaN is not'],
  [{ connectionsPerOrigin: 1.5 }, 'connectionsPerOrigin: 1.5 is not'],
  [{ maxOrigins: -1 }, 'maxOrigins: -1 is not'],
  [{ listen: { port: 65_536 } }, 'listen.port: 65536 is not'],
  [{ secret: 'hidden' }, 'secret: must be whsec_'],
  [
    { tls: { ca: '-----BEGIN CERTIFICATE-----\nbad\n-----END CERTIFICATE-----' } },
    'tls.ca is no certificate',
  ],
  [{ tls: { key: 'no' } }, 'tls.key is set and tls.cert is not'],
  [{ tls: { cert: 'no', key: 'no' } }, 'tls.cert is no certificate'],
])('%j is a configuration error that names the setting', (settings, message) => {
  expect(() => createHttpDeliverer({ directory, ...settings })).toThrow(ConfigurationError);
  expect(() => createHttpDeliverer({ directory, ...settings })).toThrow(message);
});

import { ConfigurationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createCoapDeliverer } from './create-deliverer.js';
import { type CoapDelivererOptions, readOptions } from './deliverer-options.js';

test('the defaults', () => {
  expect(readOptions({ listen: {} })).toMatchObject({
    listen: { host: '0.0.0.0', port: 5683, maxDevices: 10_000 },
    timeoutMs: 10_000,
  });
  expect(readOptions({ directory: () => undefined }).listen).toBeUndefined();
});

test.each<[CoapDelivererOptions, string]>([
  [{}, 'directory and listen: one of them is needed'],
  [{ listen: { port: 0 } }, 'listen.port: 0 is not a positive whole number up to 65535; for example 5683'],
  [{ listen: { port: 65_536 } }, 'listen.port: 65536'],
  [
    { listen: { maxDevices: 1.5 } },
    'listen.maxDevices: 1.5 is not a positive whole number; for example 10000',
  ],
  [{ listen: {}, timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs: Infinity is not'],
])('refuses %o', (settings, problem) => {
  expect(() => createCoapDeliverer(settings)).toThrow(ConfigurationError);
  expect(() => createCoapDeliverer(settings)).toThrow(problem);
});

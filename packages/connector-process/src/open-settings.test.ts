import type { Backend } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { toSettingsOptions } from './open-settings.js';
import { readOptions } from './read-options.js';

/** Passed on as it is. */
const backend = {} as Backend;
const limitsOf = (flags: Record<string, string>) =>
  toSettingsOptions(readOptions({}, flags), { backend }).limits;

test('settings take half of the bytes of the state directory', () => {
  expect(limitsOf({ CONNECTOR_MAX_STORE_BYTES: '2000000' })).toEqual({ maxStoreBytes: 1_000_000 });
  expect(limitsOf({ CONNECTOR_MAX_STORE_BYTES: '1' })).toEqual({ maxStoreBytes: 1 });
});

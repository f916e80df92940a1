import { expect, test } from 'vitest';
import { requireNode } from './require-node.js';

test.each(['18.20.8', '20.20.2', '22.17.1'])('rejects Node %s, and no retry helps', (version) => {
  expect(() => requireNode(version)).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      retryable: false,
      message: `this is Node ${version}, and the packages @preservarium/* need Node 22.18 or newer: install one from https://nodejs.org`,
    }),
  );
});

test.each(['22.18.0', '23.0.0', '24.21.0', undefined])('accepts Node %s', (version) => {
  expect(() => requireNode(version)).not.toThrow();
});

import { expect, test } from 'vitest';
import { commandOf } from './command-of.js';

test.each([
  [{ npm_lifecycle_event: 'pusher' }, 'npm run -s pusher --'],
  [{ npm_lifecycle_event: 'npx' }, 'npx @preservarium/cli'],
  [{ npm_lifecycle_event: 'start' }, 'pusher'],
  [{}, 'pusher'],
])('%j: %s', (environment, command) => {
  expect(commandOf('pusher', 'cli', environment)).toBe(command);
});

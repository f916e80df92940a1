import { expect, test } from 'vitest';
import { formatEvent } from './format-event.js';

const event = { requestId: 'r1', deviceId: 'd1', state: 'delivered', timestamp: new Date(0) } as const;

test('an event is one line with what it says', () => {
  expect(formatEvent(event)).toBe('1970-01-01T00:00:00.000Z  d1  r1  -  delivered');
  const said = { commandType: 'open', evidence: 'executed', reason: 'jammed', result: { angle: 3 } } as const;
  expect(formatEvent({ ...event, ...said, state: 'failed' })).toBe(
    '1970-01-01T00:00:00.000Z  d1  r1  open  failed  (executed)  jammed  {"angle":3}',
  );
});

test('what a device says does not move the cursor', () => {
  expect(formatEvent({ ...event, reason: 'a\n\u001b[2Jb', deviceId: '\r' })).toBe(
    '1970-01-01T00:00:00.000Z  \\u{d}  r1  -  delivered  a\\u{a}\\u{1b}[2Jb',
  );
});

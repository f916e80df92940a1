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

test('a command that waits says behind which one, and until when', () => {
  const wait = { reason: 'no answer', behind: 'r0', nextAttemptAt: new Date(60_000) } as const;
  expect(formatEvent({ ...event, ...wait, state: 'waiting', redrivenAt: new Date(0) })).toBe(
    '1970-01-01T00:00:00.000Z  d1  r1  -  waiting  no answer  behind r0  next attempt 1970-01-01T00:01:00.000Z  redriven',
  );
});

test('what a device says does not move the cursor', () => {
  expect(formatEvent({ ...event, reason: 'a\n\u001b[2Jb', deviceId: '\r' })).toBe(
    '1970-01-01T00:00:00.000Z  \\u{d}  r1  -  delivered  a\\u{a}\\u{1b}[2Jb',
  );
});

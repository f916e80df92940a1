import { expect, test } from 'vitest';
import { refusingOlder } from './refusing-older.js';

const signal = new AbortController().signal;

test('a device rejects what was pushed before the newest command that it has taken', async () => {
  const taken: (string | undefined)[] = [];
  const execute = refusingOlder(async ({ sequence }) => {
    taken.push(sequence);
    return { status: 'succeeded' };
  });
  const send = (deviceId: string, sequence?: string) =>
    execute(
      {
        protocol: 'http',
        deviceId,
        target: '/',
        payload: {},
        mayBeRepeat: false,
        ...(sequence !== undefined && { sequence }),
      },
      signal,
    );
  for (const sequence of ['3:8', '3:10', '3:10', undefined]) {
    expect(await send('lamp', sequence)).toEqual({ status: 'succeeded' });
  }
  expect(await send('lamp', '3:9')).toEqual({
    status: 'rejected',
    reason: 'a newer command was taken (sequence 3:10)',
  });
  expect(await send('pump', '3:9')).toEqual({ status: 'succeeded' });
  expect(await send('lamp', '4:0')).toEqual({ status: 'succeeded' });
  expect(taken).toEqual(['3:8', '3:10', '3:10', undefined, '3:9', '4:0']);
});

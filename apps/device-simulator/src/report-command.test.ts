import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { ArrivedCommand } from './device.js';
import { reporting } from './report-command.js';

const command: ArrivedCommand = {
  protocol: 'mqtt',
  deviceId: 'lamp',
  target: 'devices/lamp/commands',
  requestId: 'r1',
  commandType: 'set_led',
  payload: { on: true },
  mayBeRepeat: true,
};
const { signal } = new AbortController();

test('a line of text for each command', async () => {
  const lines: string[] = [];
  const execute = reporting(
    async () => ({ status: 'succeeded' }),
    'text',
    (line) => lines.push(line),
  );
  await execute(command, signal);
  expect(lines).toEqual([
    'lamp  mqtt  devices/lamp/commands  set_led  {"on":true}  succeeded  r1  may be a repeat',
  ]);
});

test('as JSON, with the answer', async () => {
  const lines: string[] = [];
  const answer = { status: 'failed', reason: 'told to' } as const;
  const execute = reporting(
    async () => answer,
    'json',
    (line) => lines.push(line),
  );
  expect(await execute(command, signal)).toBe(answer);
  expect(lines.map((line) => JSON.parse(line))).toEqual([{ ...command, answer }]);
});

test('a device that goes away while it executes is reported, and its error passed on', async () => {
  const lines: string[] = [];
  const gone = async () => Promise.reject(new Error('gone'));
  await expect(reporting(gone, 'json', (line) => lines.push(line))(command, signal)).rejects.toThrow('gone');
  expect(lines.map((line) => JSON.parse(line))).toEqual([{ ...command, answer: null }]);
});

test.each(['text', 'json'] as const)(
  '%s: a line has no character that a terminal interprets',
  async (format) => {
    const lines: string[] = [];
    const execute = reporting(
      async () => ({ status: 'succeeded' }),
      format,
      (line) => lines.push(stripVTControlCharacters(line)),
    );
    await execute({ ...command, payload: 'a\u009b31m\u202e', requestId: 'r\n1' }, signal);
    expect(lines[0]).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  },
);

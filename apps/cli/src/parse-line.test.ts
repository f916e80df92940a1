import { expect, test } from 'vitest';
import { parseLine } from './parse-line.js';

const parse = (content: string | Buffer, complete = true) =>
  parseLine({ number: 1, bytes: Buffer.from(content), complete });

test('camelCase is handed on as it is, for the service to check', () => {
  const input = { deviceId: 'd', anything: 1 };
  expect(parse(JSON.stringify(input))).toEqual({ ok: true, command: input, input });
});

test('snake_case, as it is on the wire, becomes a command', () => {
  const input = {
    device_id: 'd',
    command_type: 'set_led',
    protocol: 'MQTT',
    payload: { state: 'on' },
    expires_at: '2100-01-01T00:00:00Z',
    priority: null,
    supersede_key: 'led',
  };
  expect(parse(`${JSON.stringify(input)}\r`)).toMatchObject({
    ok: true,
    input,
    command: {
      deviceId: 'd',
      commandType: 'set_led',
      protocol: 'mqtt',
      payload: { state: 'on' },
      expiresAt: new Date('2100-01-01T00:00:00Z'),
      supersedeKey: 'led',
    },
  });
});

test('a byte order mark at the start is not part of the line', () => {
  expect(parse('\uFEFF{"deviceId":"d"}')).toMatchObject({ ok: true, input: { deviceId: 'd' } });
});

test.each([
  ['snake_case that is wrong', '{"device_id":"d"}', 'command_type: is required', { device_id: 'd' }],
  ['no JSON', 'nope', 'is not JSON', 'nope'],
  ['an array', '[1]', 'is JSON, but not an object', [1]],
  ['null', 'null', 'is JSON, but not an object', null],
])('%s is refused, with what stood there', (_, content, message, input) => {
  const parsed = parse(content);
  expect(parsed).toMatchObject({ ok: false, input, error: { code: 'VALIDATION_FAILED' } });
  expect(!parsed.ok && parsed.error.message).toContain(message);
});

test('bytes that are no text are refused', () => {
  const parsed = parse(Buffer.from([0x7b, 0xff, 0x7d]));
  expect(!parsed.ok && parsed.error.message).toContain('is not UTF-8 text');
});

test('a line that was cut is refused, whatever its start is', () => {
  const parsed = parse('{}', false);
  expect(!parsed.ok && parsed.error.message).toContain('has more than 2 bytes');
});

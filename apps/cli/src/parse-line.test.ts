import { expect, test } from 'vitest';
import { parseLine } from './parse-line.js';

const parse = (content: string | Buffer, complete = true) =>
  parseLine({ number: 1, bytes: Buffer.from(content), complete }, ['lora']);

test('camelCase is passed on for the service to check', () => {
  const input = { deviceId: 'd', anything: 1 };
  const text = JSON.stringify(input);
  expect(parse(text)).toEqual({ ok: true, command: input, text });
});

test('snake_case, as on the wire, becomes a command', () => {
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

test('snake_case with a registered protocol', () => {
  expect(parse('{"device_id":"d","command_type":"on","protocol":"lora"}')).toMatchObject({ ok: true });
  expect(parse('{"device_id":"d","command_type":"on","protocol":"modbus"}')).toMatchObject({ ok: false });
});

test('a byte order mark is not part of the line', () => {
  expect(parse('\uFEFF{"deviceId":"d"}')).toEqual({
    ok: true,
    command: { deviceId: 'd' },
    text: '{"deviceId":"d"}',
  });
});

test.each([
  ['invalid snake_case', '{"device_id":"d"}', 'command_type: is required'],
  ['no JSON', 'nope', 'is not JSON'],
  ['an array', '[1]', 'is JSON, but not an object'],
  ['null', 'null', 'is JSON, but not an object'],
])('%s is refused, with the text of the line', (_, content, message) => {
  const parsed = parse(content);
  expect(parsed).toMatchObject({ ok: false, text: content, error: { code: 'VALIDATION_FAILED' } });
  expect(!parsed.ok && parsed.error.message).toContain(message);
});

test('bytes that are no text are refused', () => {
  const parsed = parse(Buffer.from([0x7b, 0xff, 0x7d]));
  expect(!parsed.ok && parsed.error.message).toContain('is not UTF-8 text');
});

test('a line that was cut is refused, whatever its beginning', () => {
  const parsed = parse('{}', false);
  expect(!parsed.ok && parsed.error.message).toContain('has more than 2 bytes');
});

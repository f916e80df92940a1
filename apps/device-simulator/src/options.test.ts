import { CommanderError } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readOptions } from './options.js';

let written: string;
beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test('what is not given has its default', () => {
  expect(readOptions(['--mqtt', '10', '--answer-after', '50ms', '--fail', '0.1'])).toEqual({
    mqtt: 10,
    coap: 0,
    coapPolling: 0,
    http: 0,
    broker: 'mqtt://localhost:1883',
    mqttVersion: '5',
    host: '127.0.0.1',
    coapPort: 5700,
    httpPort: 8090,
    connector: 'coap://localhost:5683',
    pollEvery: 1_000,
    fail: 0.1,
    answerAfter: 50,
    refuseOlder: false,
    output: 'text',
  });
});

test.each([
  [[], 'no devices'],
  [['--http', '1', '--fail', '2'], 'from 0 to 1'],
  [['--http', 'many'], 'whole number'],
  [['--http', '1', '--answer-after', '5'], '50ms, 30s, 5m or 2h'],
  [['--http', '1', '--vanish-after', '400h', '--return-after', '30d'], '50ms, 30s, 5m or 2h'],
  [['--http', '1', '--return-after', '1s'], '--return-after needs --vanish-after'],
  [['--http', '1', '--http-port', '70000'], 'Give a port'],
])('%j is refused', (argv, message) => {
  expect(() => readOptions(argv)).toThrow(CommanderError);
  expect(written).toContain(message);
});

import { expect, test } from 'vitest';
import { createLogger } from './create-logger.js';

const hostile = '\u001b[2J\u009b31m\u202egnp.exe\u2028\n"größe"';

test.each(['info', 'debug'] as const)(
  'at %s, a terminal interprets nothing of what devices send',
  (level) => {
    const lines: string[] = [];
    const logger = createLogger('mqtt-connector', level, (line) => lines.push(line));
    const err = new Error(hostile, { cause: new Error(hostile) });
    logger.warn({ deviceId: hostile, [hostile]: { nested: hostile }, err }, hostile);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+\n$/u);
    expect(JSON.parse(String(lines[0]))).toMatchObject({
      name: 'mqtt-connector',
      deviceId: hostile,
      [hostile]: { nested: hostile },
      msg: hostile,
    });
  },
);

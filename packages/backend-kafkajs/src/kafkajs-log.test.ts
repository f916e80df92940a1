import type { Logger } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { quietWhen } from './kafkajs-log.js';

test('what a client says after it was ended is for debugging only', () => {
  const told: string[] = [];
  const tell = (level: string) => (_fields: object, message: string) => told.push(`${level}: ${message}`);
  const inner: Logger = {
    debug: tell('debug'),
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
  };
  let isEnded = false;
  const logger = quietWhen(() => isEnded, inner);
  logger.error({}, 'connection lost');
  isEnded = true;
  logger.error({}, 'connection lost');
  expect(told).toEqual(['error: connection lost', 'debug: connection lost']);
});

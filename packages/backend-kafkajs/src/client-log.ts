import type { Logger } from '@preservarium/backend';
import { type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';

const methodOfLevel = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
} as const;

/** A logger for a client that may be ended: that it cannot go on then is nothing to worry about. */
export function quietWhen(isEnded: () => boolean, logger: Logger): Logger {
  const tell = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) =>
    logger[isEnded() ? 'debug' : level](fields, message);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
  };
}

/** Sends what kafkajs would print to `logger`. */
export function createClientLog(logger: Logger): Pick<KafkaConfig, 'logLevel' | 'logCreator'> {
  return {
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => write(logger, entry),
  };
}

function write(logger: Logger, { level, namespace, log }: LogEntry): void {
  if (level === logLevel.NOTHING) return;
  const { message, timestamp: _timestamp, logger: _logger, ...fields } = log;
  logger[methodOfLevel[level]]({ client: 'kafkajs', part: namespace, ...fields }, message);
}

import type { Logger } from '@preservarium/backend';
import { type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';

const methodOfLevel = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
} as const;

/** Returns a logger for a client that may be destroyed: from then on everything is logged at the level `debug`. */
export function quietWhen(isEnded: () => boolean, logger: Logger): Logger {
  const log = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) =>
    logger[isEnded() ? 'debug' : level](fields, message);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  };
}

/** Returns options that send what kafkajs would print to `logger`. */
export function createClientLog(logger: Logger): Pick<KafkaConfig, 'logLevel' | 'logCreator'> {
  return {
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => write(logger, entry),
  };
}

function write(logger: Logger, { level, namespace, log }: LogEntry): void {
  if (level === logLevel.NOTHING) return;
  const { message, timestamp: _timestamp, logger: _logger, error, ...fields } = log;
  const err = error === undefined ? {} : { err: error };
  logger[methodOfLevel[level]]({ client: 'kafkajs', part: namespace, ...fields, ...err }, message);
}

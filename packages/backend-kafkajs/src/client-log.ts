import type { Logger } from '@preservarium/publisher';
import { type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';

const methodOfLevel = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
} as const;

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

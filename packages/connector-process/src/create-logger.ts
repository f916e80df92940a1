import type { Logger } from '@preservarium/backend';
import pino, { type LevelWithSilent } from 'pino';

/** One JSON object a line on stdout. Stacks are in it only at `debug`. */
export function createLogger(name: string, level: LevelWithSilent): Logger {
  if (level === 'debug') return pino({ name, level });
  return pino({
    name,
    level,
    serializers: { err: describeError, error: describeError, stack: () => undefined },
  });
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    ...('code' in error && { code: error.code }),
    message: error.message,
    ...(error.cause instanceof Error && { cause: error.cause.message }),
  };
}

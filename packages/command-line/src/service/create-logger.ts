import type { Logger } from '@preservarium/backend';
import pino, { type LevelWithSilent } from 'pino';
import { printableJson } from '../printable.js';

/**
 * One JSON object a line. Stacks are in it only at `debug`. Characters that a terminal interprets are escaped: texts of devices are logged.
 *
 * @param write takes each line. Default: writes it to stdout, at once
 */
export function createLogger(
  name: string,
  level: LevelWithSilent,
  write: (line: string) => void = toStdout(),
): Logger {
  const stream = { write: (line: string) => write(`${printableJson(line.trimEnd())}\n`) };
  if (level === 'debug') return pino({ name, level }, stream);
  const serializers = { err: describeError, error: describeError, stack: () => undefined };
  return pino({ name, level, serializers }, stream);
}

function toStdout(): (line: string) => void {
  const stdout = pino.destination({ dest: 1, sync: true });
  return (line) => void stdout.write(line);
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    ...('code' in error && { code: error.code }),
    message: error.message,
    ...(error.cause instanceof Error && { cause: error.cause.message }),
  };
}

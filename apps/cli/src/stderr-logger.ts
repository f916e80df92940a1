import { printableJson } from '@preservarium/command-line';
import pino, { type Level, type Logger } from 'pino';

/** Creates a logger that writes one JSON object per line to stderr, escaped for a terminal. */
export function createStderrLogger(level: Level): Logger {
  return pino(
    { level },
    { write: (line) => void process.stderr.write(`${printableJson(line.trimEnd())}\n`) },
  );
}

type Log = (fields: object, message: string) => void;

/** The part of a logger that this project needs; pino's loggers fit as they are. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

const ignore: Log = () => {};

/** Logs nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/**
 * Returns a logger that never throws, so that its callers go on. The first error of `logger` becomes a warning of the process.
 */
export function guardLogger(logger: Logger): Logger {
  let warned = false;
  const guard =
    (level: keyof Logger): Log =>
    (fields, message) => {
      try {
        logger[level](fields, message);
      } catch (error) {
        if (!warned) process.emitWarning(`the logger failed, and may fail again: ${String(error)}`);
        warned = true;
      }
    };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}

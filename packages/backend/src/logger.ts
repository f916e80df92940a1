type Log = (fields: object, message: string) => void;

/** What this project needs of a logger; pino's loggers fit as they are. */
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
 * A logger that never throws, so that what is logged about goes on. What `logger` throws becomes a warning of the process,
 * the first time.
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

import { DecoratorHandler, type Dispatcher } from 'undici';

/** The command expired while its request waited for a connection: nothing of it was sent. */
export class ExpiredError extends Error {
  override readonly name = 'ExpiredError';
}

/** Options of a request beside those of undici. */
export interface ExpiryOptions {
  /** When nothing of the request is to be sent any more, in milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
}

/** Looks at the expiry of a request when it has its connection, just before its bytes are written. */
export const refuseExpired: Dispatcher.DispatcherComposeInterceptor =
  (dispatch) => (options: Dispatcher.DispatchOptions & ExpiryOptions, handler) => {
    const { expiresAtMs } = options;
    return dispatch(options, expiresAtMs === undefined ? handler : new ExpiryHandler(handler, expiresAtMs));
  };

class ExpiryHandler extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #expiresAtMs: number;

  constructor(handler: Dispatcher.DispatchHandler, expiresAtMs: number) {
    super(handler);
    this.#handler = handler;
    this.#expiresAtMs = expiresAtMs;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    if (this.#expiresAtMs <= Date.now()) controller.abort(new ExpiredError('it expired before its turn'));
    else this.#handler.onRequestStart?.(controller, context);
  }
}

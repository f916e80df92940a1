import type { ObstacleToSending } from '@preservarium/deliverer';
import { DecoratorHandler, type Dispatcher } from 'undici';

/** Something came up while the request waited for a connection: nothing of it was sent. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
  readonly obstacle: ObstacleToSending;

  constructor(obstacle: ObstacleToSending) {
    super(obstacle.reason);
    this.obstacle = obstacle;
  }
}

/** Options of a request beside those of undici. */
export interface LastLookOptions {
  /** Returns why nothing of the request may be sent now; undefined if it may be sent. */
  readonly obstacle?: () => ObstacleToSending | undefined;
}

/** Asks for obstacles when a request has its connection, just before its bytes are written. */
export const lookBeforeSending: Dispatcher.DispatcherComposeInterceptor =
  (dispatch) => (options: Dispatcher.DispatchOptions & LastLookOptions, handler) => {
    const { obstacle } = options;
    return dispatch(options, obstacle === undefined ? handler : new LastLookHandler(handler, obstacle));
  };

class LastLookHandler extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #obstacle: () => ObstacleToSending | undefined;

  constructor(handler: Dispatcher.DispatchHandler, obstacle: () => ObstacleToSending | undefined) {
    super(handler);
    this.#handler = handler;
    this.#obstacle = obstacle;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    const obstacle = this.#obstacle();
    if (obstacle !== undefined) controller.abort(new NotSentError(obstacle));
    else this.#handler.onRequestStart?.(controller, context);
  }
}

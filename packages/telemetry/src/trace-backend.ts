import type { Backend } from '@preservarium/backend';
import { decorateBackend } from './decorate-backend.js';
import { isSdkRegistered } from './instrumentation.js';
import { meteredPublish } from './metered-publish.js';
import { tracedPublish } from './traced-publish.js';
import { tracedSubscribe } from './traced-subscribe.js';

/**
 * The backend, with a span `send {topic}` for each call of `publish`, whose context goes along in the records' headers, a span
 * `process {topic}` for each batch that a subscription hands over, and the metrics of both. For applications that push; a
 * connector takes `traceConnector`.
 *
 * Make it after the SDK has been registered: where there is none, it is the backend itself, and costs nothing.
 *
 * ```ts
 * const service = createPusherService({ backend: traceBackend(createKafkajsBackend({ brokers })) });
 * ```
 */
export function traceBackend(backend: Backend): Backend {
  if (!isSdkRegistered()) return backend;
  return decorateBackend(backend, {
    publish: meteredPublish(tracedPublish((records, options) => backend.publish(records, options))),
    subscribe: tracedSubscribe((options) => backend.subscribe(options)),
  });
}

import type { ConnectorOptions } from '@preservarium/connector';
import { countEvents } from './count-events.js';
import { decorateBackend } from './decorate-backend.js';
import { isSdkRegistered } from './instrumentation.js';
import { meteredPublish } from './metered-publish.js';
import { traceDeliverer } from './trace-deliverer.js';
import { tracedSubscribe } from './traced-subscribe.js';

/**
 * The settings of a connector that traces and measures: its backend is traced as by `traceBackend`, but for what the connector
 * itself writes, which is counted alone; its deliverer as by `traceDeliverer`; and the steps of commands are counted.
 *
 * Make it after the SDK has been registered: where there is none, it is the same settings, and costs nothing.
 *
 * ```ts
 * const connector = await runConnector(traceConnector({ backend, deliverer }));
 * ```
 */
export function traceConnector(settings: ConnectorOptions): ConnectorOptions {
  if (!isSdkRegistered()) return settings;
  const { backend, deliverer, onEvent } = settings;
  const count = countEvents(deliverer.protocol);
  return {
    ...settings,
    backend: decorateBackend(backend, {
      publish: meteredPublish((records, options) => backend.publish(records, options)),
      subscribe: tracedSubscribe((options) => backend.subscribe(options)),
    }),
    deliverer: traceDeliverer(deliverer),
    onEvent(event) {
      count(event);
      onEvent?.(event);
    },
  };
}

import type { CompleteOptions } from './deliverer-options.js';
import type { MqttPublisher } from './mqtt-publisher.js';

/** The means to send a message. */
export interface MqttDependencies {
  readonly settings: CompleteOptions;
  readonly publisher: MqttPublisher;
  /** Aborted when the deliverer gives up the deliveries in flight. */
  readonly closing: AbortSignal;
}

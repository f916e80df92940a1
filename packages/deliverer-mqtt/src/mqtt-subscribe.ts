import { settledWithin } from '@preservarium/concurrency';
import { ConfigurationError } from '@preservarium/core';
import type { IConnackPacket, MqttClient } from 'mqtt';
import type { CompleteOptions } from './deliverer-options.js';
import { brokerLimits } from './mqtt-broker-limits.js';

const subackTimeoutMs = 10_000;
const lowestFailure = 0x80;

/**
 * Subscribes to what devices say; where the broker has no shared subscriptions, each connector receives every answer, as with MQTT 3.1.1. Where
 * the broker does not answer, the connection is broken off, so that another is made.
 *
 * @throws ConfigurationError that names the filters that the broker refuses, or the limit of the broker
 */
export async function subscribeToAnswers(
  client: MqttClient,
  connack: IConnackPacket,
  settings: CompleteOptions,
  { withPresence }: { readonly withPresence: boolean },
): Promise<void> {
  const { responses, reportedSettings, presence, deviceTypes, protocolVersion, answerGroup, logger } =
    settings;
  const { takesSharedSubscriptions, takesWildcards } = brokerLimits(connack);
  if (!takesWildcards) {
    throw new ConfigurationError(
      'the broker takes no subscriptions with wildcards (Wildcard Subscription Available is 0 in its CONNACK), which the answers of devices need: allow them at the broker',
    );
  }
  if (!takesSharedSubscriptions) {
    logger.warn(
      { answerGroup },
      'the broker has no shared subscriptions (CONNACK): each connector receives and reports every answer',
    );
  }
  const shared = protocolVersion === 5 && takesSharedSubscriptions ? `$share/${answerGroup}/` : '';
  // Each connector receives the presence of every device: only one of them has commands waiting for a device.
  const sharedFilters = [...responses.filters, ...reportedSettings.filters].map(
    (filter) => `${shared}${filter}`,
  );
  // The connector that sent a command knows it; answers on a device's own topics do not say to which command they are.
  const filters = [...sharedFilters, ...deviceTypes.filters, ...(withPresence ? presence.filters : [])];
  const { stream } = client;
  try {
    const subscribed = client.subscribeAsync(filters, { qos: 1 });
    if (await settledWithin(subscribed, subackTimeoutMs)) {
      await subscribed;
      return;
    }
    stream.destroy();
    throw new Error(
      `the broker did not answer the subscription to ${filters.join(', ')} within ${subackTimeoutMs} ms`,
    );
  } catch (cause) {
    const refused = refusedFilters(cause, filters);
    if (refused.length === 0) throw cause;
    throw new ConfigurationError(
      `the broker refuses the subscription to ${refused.join(', ')}: allow it to this user, or choose other templates`,
      { cause },
    );
  }
}

/** Without logins, any client can speak for any device anyway. */
export function warnOfKnownGroup({
  answerGroup,
  groupIsKnown,
  protocolVersion,
  username,
  tls,
  logger,
}: CompleteOptions): void {
  const hasCertificate = typeof tls === 'object' && tls.cert !== undefined;
  const hasLogin = username !== undefined || hasCertificate;
  if (protocolVersion !== 5 || !groupIsKnown || !hasLogin) return;
  logger.warn(
    { answerGroup },
    'devices can guess the group in which connectors share answers: a device that joins it takes answers of other devices away, unless the broker denies it subscriptions to $share. Give all connectors one random name: answerGroup, or MQTT_ANSWER_GROUP_FILE',
  );
}

/** SUBACK has a code for each filter, in their order (MQTT 3.1.1 and 5.0, section 3.9.3). */
function refusedFilters(cause: unknown, filters: readonly string[]): string[] {
  const packet = cause instanceof Error && 'packet' in cause ? cause.packet : undefined;
  if (typeof packet !== 'object' || packet === null || !('granted' in packet)) return [];
  const codes: unknown = packet.granted;
  if (!Array.isArray(codes)) return [];
  const refused = filters.filter((_, index) => codes[index] >= lowestFailure);
  return refused.length === 0 ? [...filters] : refused;
}

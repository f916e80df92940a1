import type { DeliveryResult } from '@preservarium/deliverer';
import type { MqttDependencies } from './mqtt-dependencies.js';
import { encodePublish } from './mqtt-publish-packet.js';

/** Takes away the message that the broker keeps at a topic. Resolves with the outcome. */
export async function clearRetained(
  topic: string,
  { settings, publisher, closing }: MqttDependencies,
): Promise<DeliveryResult> {
  const properties = { correlationData: '', responseTopic: undefined, userProperties: [], expires: false };
  const packet = encodePublish({
    topic,
    payload: { bytes: Buffer.alloc(0), contentType: '' },
    qos: 1,
    retain: true,
    ...(settings.protocolVersion === 5 && { properties }),
  });
  return publisher.publish({
    packet,
    retain: true,
    expiresAtMs: Number.POSITIVE_INFINITY,
    deadlineAtMs: performance.now() + settings.timeoutMs,
    signal: closing,
  });
}

/** Takes away the settings that the broker keeps for a device; where that fails, they stay, which is logged. */
export async function clearSettings(deviceId: string, means: MqttDependencies): Promise<void> {
  const { settings, publisher } = means;
  const topic = settings.deviceSettings.fill({ deviceId, requestId: '' });
  if (topic === undefined || !publisher.takesRetained()) return;
  const result = await clearRetained(topic, means);
  if (result.kind === 'delivered') return;
  settings.logger.warn(
    { topic, reason: result.reason },
    'the broker keeps settings that a device has already',
  );
}

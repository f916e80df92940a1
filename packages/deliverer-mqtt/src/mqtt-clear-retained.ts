import type { DeliveryDependencies } from './deliver.js';
import { encodePublish } from './mqtt-publish-packet.js';

/** Takes away the settings that the broker keeps for a device; where that fails, they stay, which is logged. */
export async function clearRetained(
  deviceId: string,
  { settings, publisher, closing }: DeliveryDependencies,
): Promise<void> {
  const topic = settings.deviceSettings.fill({ deviceId, requestId: '' });
  if (topic === undefined || !publisher.takesRetained()) return;
  const properties = { correlationData: '', responseTopic: undefined, userProperties: [], expires: false };
  const packet = encodePublish({
    topic,
    payload: { bytes: Buffer.alloc(0), contentType: '' },
    qos: 1,
    retain: true,
    ...(settings.protocolVersion === 5 && { properties }),
  });
  const result = await publisher.publish({
    packet,
    retain: true,
    expiresAtMs: Number.POSITIVE_INFINITY,
    deadlineAtMs: performance.now() + settings.timeoutMs,
    signal: closing,
  });
  if (result.kind === 'delivered') return;
  settings.logger.warn(
    { topic, reason: result.reason },
    'the broker keeps settings that a device has already',
  );
}

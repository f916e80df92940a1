import { isJsonObject } from '@preservarium/core';
import type { IPublishPacket } from 'mqtt';
import type { ArrivedCommand } from './device.js';
import { readPayload } from './read-payload.js';

/**
 * Reads a command from a message. The request id is the correlation data (MQTT 5), the last level of a topic
 * `devices/<device id>/commands/<request id>`, or `request_id` in a JSON payload. What comes to `devices/<device id>/settings` and
 * says neither request nor type is settings.
 */
export function readMqttCommand(deviceId: string, packet: IPublishPacket): ArrivedCommand {
  const { topic, properties } = packet;
  const payload = readPayload(Buffer.from(packet.payload));
  const body = isJsonObject(payload) ? payload : {};
  const [, , resource, level] = topic.split('/');
  const requestId =
    properties?.correlationData?.toString() ??
    (resource === 'commands' ? level : undefined) ??
    textOf(body.request_id);
  const commandType =
    textOf(properties?.userProperties?.command_type) ??
    textOf(body.command_type) ??
    (resource === 'settings' && requestId === undefined ? resource : undefined);
  return {
    protocol: 'mqtt',
    deviceId,
    target: topic,
    ...(requestId !== undefined && { requestId }),
    ...(commandType !== undefined && { commandType }),
    payload,
    mayBeRepeat: packet.dup || properties?.userProperties?.may_be_repeat === 'true',
  };
}

/** Where the device answers; undefined when it does not know to which command. */
export function responseTopicOf(
  packet: IPublishPacket,
  { deviceId, requestId }: ArrivedCommand,
): string | undefined {
  if (packet.properties?.responseTopic !== undefined) return packet.properties.responseTopic;
  return requestId === undefined ? undefined : `devices/${deviceId}/commands/${requestId}/response`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

import { isJsonObject } from '@preservarium/core';
import type { IPublishPacket } from 'mqtt';
import type { ArrivedCommand } from './device.js';
import { readPayload } from './read-payload.js';

/**
 * Decodes a command from a message. The request id is the correlation data (MQTT 5), the last level of a topic
 * `devices/<device id>/commands/<request id>`, or `request_id` in a JSON payload. A message to `devices/<device id>/settings` with
 * neither request id nor type is a settings command.
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
  const sequence = textOf(properties?.userProperties?.sequence);
  const expiresAt = new Date(textOf(properties?.userProperties?.expires_at) ?? Number.NaN);
  return {
    protocol: 'mqtt',
    deviceId,
    target: topic,
    ...(requestId !== undefined && { requestId }),
    ...(commandType !== undefined && { commandType }),
    payload,
    ...(sequence !== undefined && { sequence }),
    ...(!Number.isNaN(expiresAt.getTime()) && { expiresAt }),
    mayBeRepeat: packet.dup || properties?.userProperties?.may_be_repeat === 'true',
  };
}

/** Returns the topic of the answer; undefined if the message has neither a response topic nor a request id. */
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

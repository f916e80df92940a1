import type { IncomingMessage } from 'coap';
import { type CoapBlock, decodeBlock } from './coap-block.js';

/** A request of a device to the connector, as far as it matters here. */
export type DeviceRequest =
  | {
      readonly kind: 'next command';
      readonly deviceId: string;
      /** The request id of a command that the device has received. */
      readonly acknowledged: string | undefined;
      /** The part of the answer that it wants first. */
      readonly block: CoapBlock | undefined;
    }
  | { readonly kind: 'next block'; readonly deviceId: string; readonly block: CoapBlock }
  | { readonly kind: 'deregistration'; readonly deviceId: string }
  | { readonly kind: 'acknowledgement'; readonly deviceId: string; readonly requestId: string }
  | { readonly kind: 'reported settings'; readonly deviceId: string }
  | { readonly kind: 'telemetry'; readonly deviceId: string; readonly block: CoapBlock | undefined }
  | { readonly kind: 'unknown' };

/**
 * Reads `GET /commands/{deviceId}[?ack={requestId}]`, `POST /commands/{deviceId}/{requestId}`, `POST /settings/{deviceId}` and
 * `POST /telemetry/{deviceId}`.
 * The segments are taken from the options, where an id may contain a slash.
 */
export function parseDeviceRequest(request: IncomingMessage): DeviceRequest {
  const { resource, deviceId, requestId, others } = targetOf(request);
  if (deviceId === undefined || deviceId === '' || others.length > 0) return { kind: 'unknown' };
  if (resource === 'commands' && request.method === 'POST' && requestId) {
    return { kind: 'acknowledgement', deviceId, requestId };
  }
  if (resource === 'settings' && request.method === 'POST' && requestId === undefined) {
    return { kind: 'reported settings', deviceId };
  }
  const isTelemetry = resource === 'telemetry' && request.method === 'POST';
  const isPoll = resource === 'commands' && request.method === 'GET';
  if ((!isTelemetry && !isPoll) || requestId !== undefined) return { kind: 'unknown' };

  const { Observe: observe } = request.headers;
  if (isPoll && observe !== undefined && observe !== 0) return { kind: 'deregistration', deviceId };
  const block = takeBlockOption(request);
  if (block !== undefined && block.number > 0) return { kind: 'next block', deviceId, block };
  if (isTelemetry) return { kind: 'telemetry', deviceId, block };
  return {
    kind: 'next command',
    deviceId,
    acknowledged: queryOf(request, 'ack') || undefined,
    block,
  };
}

/** The segments of the path of a request, as far as they are there. */
export function targetOf(request: IncomingMessage) {
  const [resource, deviceId, requestId, ...others] = textsOf(request, 'Uri-Path');
  return { resource, deviceId, requestId, others };
}

/** The value of a parameter of the query: `ack` of `?ack=a`. */
export function queryOf(request: IncomingMessage, name: string): string | undefined {
  const query = textsOf(request, 'Uri-Query').find((each) => each.startsWith(`${name}=`));
  return query?.slice(name.length + 1);
}

function textsOf(request: IncomingMessage, name: string): string[] {
  return (request._packet.options ?? [])
    .filter((option) => option.name === name)
    .map(({ value }) => value.toString());
}

/** Takes the option away, or else node-coap would cut a block out of the block that it is given. */
function takeBlockOption({ _packet: packet }: IncomingMessage): CoapBlock | undefined {
  const option = packet.options?.find(({ name }) => name === 'Block2');
  if (option === undefined) return undefined;
  packet.options = (packet.options ?? []).filter((other) => other !== option);
  return decodeBlock(option.value);
}

import { ConfigurationError } from '@preservarium/core';
import type { Packet } from 'mqtt';

/** Use another server, server moved (MQTT 5.0, sections 3.2.2.2 and 3.14.2.1). */
const redirects: readonly (number | undefined)[] = [0x9c, 0x9d];

/** Returns an error that says where the broker sends its clients to; undefined for packets that send them nowhere. Redirects are not followed. */
export function redirectOf(packet: Packet, url: string): ConfigurationError | undefined {
  if (packet.cmd !== 'connack' && packet.cmd !== 'disconnect') return undefined;
  if (!redirects.includes(packet.reasonCode)) return undefined;
  const { serverReference, reasonString } = packet.properties ?? {};
  const other =
    serverReference === undefined
      ? 'another server, which it does not name'
      : `the server ${serverReference}`;
  const words = reasonString === undefined ? '' : ` ("${reasonString}")`;
  return new ConfigurationError(
    `the broker ${url} sends its clients to ${other}${words}: set the url (MQTT_URL) to it`,
  );
}

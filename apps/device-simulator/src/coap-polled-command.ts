import type { IncomingMessage } from 'coap';
import { optionTexts } from './coap-options.js';
import type { ArrivedCommand } from './device.js';
import { readPayload } from './read-payload.js';

/**
 * Decodes the response to `GET /commands/<device id>`: `Location-Path` is the path for the acknowledgement, `Location-Query` has the type
 * of the command and whether it may be a repeat. Returns undefined if there is no command.
 */
export function readPolledCommand(
  deviceId: string,
  response: IncomingMessage,
): (ArrivedCommand & { readonly requestId: string }) | undefined {
  const [, , requestId] = optionTexts(response, 'Location-Path');
  if (response.code !== '2.05' || requestId === undefined) return undefined;
  const query = optionTexts(response, 'Location-Query');
  const textAfter = (name: string) =>
    query.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
  const commandType = textAfter('type');
  const sequence = textAfter('sequence');
  return {
    protocol: 'coap',
    deviceId,
    target: `/commands/${deviceId}`,
    requestId,
    ...(commandType !== undefined && { commandType }),
    payload: readPayload(response.payload),
    ...(sequence !== undefined && { sequence }),
    mayBeRepeat: query.includes('repeat'),
  };
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { type DeviceFileOptions, deviceFile, entryOfDevice } from '@preservarium/deliverer';
import type { IncomingMessage } from 'coap';
import { queryOf, targetOf } from './coap-device-request.js';

/** Returns the tokens of a device, of which it must send one; an empty list or undefined admits nobody. */
export type TokensOfDevice = (deviceId: string) => readonly string[] | undefined;

const minCharacters = 16;
const maxCharacters = 128;
const allowed = new RegExp(`^[\\w.~-]{${minCharacters},${maxCharacters}}$`);

/**
 * Returns the tokens in a file: an object of device id → token or list of tokens, in YAML or JSON. An id with a last `*` is a prefix. The file may
 * change: see `directoryFromFile`.
 *
 * @throws ConfigurationError that names the file, the device and the problem but no token, when the first version is not valid
 */
export function tokensFromFile(
  path: string,
  { logger }: Pick<DeviceFileOptions<string>, 'logger'> = {},
): TokensOfDevice {
  const tokens = deviceFile({
    path,
    name: 'tokens file',
    example: 'for example "device-7": "q3vW0c8mT5zR1yKd"',
    isSecret: true,
    read(value) {
      const texts = [value].flat();
      const isRight =
        texts.length > 0 && texts.every((text) => typeof text === 'string' && allowed.test(text));
      if (isRight) return { content: texts as string[] };
      return {
        problem: `a token is not ${minCharacters} to ${maxCharacters} letters, digits or any of - . _ ~`,
      };
    },
    logger,
  });
  return (deviceId) => entryOfDevice(tokens(), deviceId);
}

/** Returns whether a request names no device, or has a token of its device in its query (`token=…`). */
export function isAdmitted(request: IncomingMessage, tokensOf: TokensOfDevice): boolean {
  const { deviceId } = targetOf(request);
  if (deviceId === undefined) return true;
  const given = digestOf(queryOf(request, 'token') ?? '');
  return (tokensOf(deviceId) ?? []).some((token) => timingSafeEqual(digestOf(token), given));
}

/** All have one length, whatever is sent. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigurationError } from '@preservarium/core';

// Debian names a program after the TLS library that it uses. The one without leaves the port after its own alone.
const variants = ['-notls', '-openssl', '-gnutls', ''];

/** Path of one of libcoap's programs; throws where it is not installed. */
export function findLibcoap(program: 'coap-client' | 'coap-server'): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const files = variants.flatMap((variant) => folders.map((folder) => join(folder, program + variant)));
  const path = files.find((file) => existsSync(file));
  if (path === undefined) {
    throw new ConfigurationError(`${program} is not installed; for example: apt-get install libcoap3-bin`);
  }
  return path;
}

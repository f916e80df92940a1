import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigurationError } from '@preservarium/core';

// Debian keeps the broker where only the system's administrator looks by default.
const administratorFolders = ['/usr/sbin', '/usr/local/sbin'];

/** Path of one of mosquitto's programs; throws where it is not installed. */
export function findMosquitto(program: 'mosquitto' | 'mosquitto_passwd' | 'mosquitto_pub' | 'mosquitto_sub') {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...administratorFolders];
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  if (path === undefined) {
    throw new ConfigurationError(
      `${program} is not installed; for example: apt-get install mosquitto mosquitto-clients`,
    );
  }
  return path;
}

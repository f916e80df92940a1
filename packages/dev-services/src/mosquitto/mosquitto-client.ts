import type { Mosquitto } from './mosquitto.js';

/** How mosquitto's own programs connect to a broker. */
export interface MosquittoClientOptions {
  /** Default 5. */
  readonly protocolVersion?: 5 | 4;
  readonly clientId?: string;
  readonly username?: string;
  readonly password?: string;
}

export function clientArguments(broker: Mosquitto, options: MosquittoClientOptions): string[] {
  const { protocolVersion = 5, clientId, username, password } = options;
  return [
    ...['-h', '127.0.0.1', '-p', String(broker.port), '-V', protocolVersion === 5 ? 'mqttv5' : 'mqttv311'],
    ...(broker.authority ? ['--cafile', broker.authority.file] : []),
    ...(clientId === undefined ? [] : ['-i', clientId]),
    ...(username === undefined ? [] : ['-u', username]),
    ...(password === undefined ? [] : ['-P', password]),
  ];
}

import { randomUUID } from 'node:crypto';
import { readTls } from '@preservarium/backend';
import { AuthenticationError, BackendUnavailableError } from '@preservarium/core';
import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';
import { connect, type IConnackPacket, type MqttClient } from 'mqtt';

export interface MqttLogin {
  readonly username: string;
  readonly password: string;
}

export interface ConnectedClient {
  readonly client: MqttClient;
  readonly connack: IConnackPacket;
}

/** Answers of the broker to CONNECT: of 3.1.1 (section 3.2.2.3) below 6, of 5.0 (section 3.2.2.2) from 128. */
const refusals: readonly unknown[] = [4, 5, 134, 135, 138, 140];

/**
 * Connects once.
 *
 * @throws AuthenticationError where the broker refuses the login, else BackendUnavailableError
 */
export function connectOnce(
  { url, protocolVersion = 5, tls }: MqttDelivererOptions,
  login: MqttLogin | undefined,
  timeoutMs: number,
): Promise<ConnectedClient> {
  const connected = Promise.withResolvers<ConnectedClient>();
  const client = connect(url, {
    ...(tls !== undefined && readTls(tls)),
    ...login,
    protocolVersion,
    clientId: `pusher-doctor-${randomUUID().slice(0, 8)}`,
    reconnectPeriod: 0,
    connectTimeout: timeoutMs,
    log: () => {},
  });
  const fail = (cause: Error) => {
    client.end(true);
    const isRefused = 'code' in cause && refusals.includes(cause.code);
    const Failure = isRefused ? AuthenticationError : BackendUnavailableError;
    connected.reject(new Failure(`cannot connect to the MQTT broker: ${cause.message}`, { cause }));
  };
  client.once('connect', (connack) => connected.resolve({ client, connack }));
  client.once('close', () => fail(new Error('the connection was closed')));
  client.on('error', fail);
  return connected.promise;
}

import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'coap';
import { readPolledCommand } from './coap-polled-command.js';
import { requestCoap } from './coap-request.js';
import type { DeviceAnswer, Devices, Execute } from './device.js';
import { keepingSettings } from './keeping-settings.js';
import { createPresence } from './presence.js';
import { writeJson } from './read-payload.js';
import { runCommand } from './run-command.js';

export interface CoapPollingDevicesOptions {
  readonly deviceIds: readonly string[];
  readonly execute: Execute;
  /** URL of the CoAP connector: `coap://host:port`. */
  readonly url: string;
  /** Time between two requests without a command, in milliseconds. Default: 1,000. */
  readonly pollEveryMs?: number;
}

const defaultPort = 5683;
/** Largest payload of a message (RFC 7252, section 4.6). */
const maxAnswerBytes = 1_024;

/**
 * Starts devices that poll: `GET /commands/<device id>` for a command, and `POST /commands/<device id>/<request id>` to acknowledge it
 * and to report its outcome. An unreachable device does not poll.
 */
export async function startCoapPollingDevices(settings: CoapPollingDevicesOptions): Promise<Devices> {
  const { deviceIds, pollEveryMs = 1_000 } = settings;
  const execute = keepingSettings(settings.execute);
  const { hostname, port } = new URL(settings.url);
  const { address, family } = await lookup(hostname.replace(/^\[(.*)\]$/, '$1'));
  const server = { host: address, port: port === '' ? defaultPort : Number(port) };
  const presence = createPresence(deviceIds);
  const polling = new Map<string, Promise<void>>();

  /** Polls, executes and answers until the device disconnects. */
  async function poll(deviceId: string, signal: AbortSignal): Promise<void> {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const agent = new Agent({ socket });
    // A send error is a request without an answer: the device polls again.
    agent.on('error', () => {});
    const ask = { ...server, method: 'GET', path: ['commands', deviceId] } as const;
    while (!signal.aborted) {
      const response = await requestCoap(agent, ask, signal);
      const command = response && readPolledCommand(deviceId, response);
      if (command === undefined) {
        await pause(pollEveryMs, undefined, { signal }).catch(() => {});
        continue;
      }
      const tell = async (payload: string) => {
        const path = ['commands', deviceId, command.requestId];
        await requestCoap(agent, { ...server, method: 'POST', path, payload }, signal);
      };
      await tell('{"status":"delivered"}');
      const said = await runCommand(execute, command, signal);
      if (said !== undefined) await tell(inOneDatagram(said));
    }
    socket.close();
  }

  function start(deviceId: string): void {
    const signal = presence.signalOf(deviceId);
    if (signal !== undefined) polling.set(deviceId, poll(deviceId, signal));
  }

  async function close(): Promise<void> {
    presence.end();
    await Promise.all(polling.values());
  }

  for (const deviceId of deviceIds) start(deviceId);
  return {
    deviceIds,
    sleep: presence.sleep,
    wake(deviceId) {
      if (presence.signalOf(deviceId) !== undefined) return;
      presence.wake(deviceId);
      start(deviceId);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Returns the answer as JSON, or its status alone if it is too large: the connector takes no blockwise answers. */
function inOneDatagram(said: DeviceAnswer): string {
  const whole = writeJson(said);
  return Buffer.byteLength(whole) <= maxAnswerBytes ? whole : writeJson({ status: said.status });
}

import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'coap';
import { readPolledCommand } from './coap-polled-command.js';
import { requestCoap } from './coap-request.js';
import type { DeviceAnswer, Devices, Execute } from './device.js';
import { keepingSettings } from './keeping-settings.js';
import { createPresence } from './presence.js';
import { runCommand } from './run-command.js';

export interface CoapPollingDevicesOptions {
  readonly deviceIds: readonly string[];
  readonly execute: Execute;
  /** Where the CoAP connector listens, as `coap://host:port`. */
  readonly url: string;
  /** Between two requests when there was nothing, in milliseconds. Default 1,000. */
  readonly pollEveryMs?: number;
}

const defaultPort = 5683;
/** What fits into a message (RFC 7252, section 4.6). */
const maxAnswerBytes = 1_024;

/**
 * Devices that ask for their commands: `GET /commands/<device id>`, and `POST /commands/<device id>/<request id>` to say that they
 * have one and how it ended. One that is away does not ask.
 */
export async function startCoapPollingDevices(settings: CoapPollingDevicesOptions): Promise<Devices> {
  const { deviceIds, pollEveryMs = 1_000 } = settings;
  const execute = keepingSettings(settings.execute);
  const { hostname, port } = new URL(settings.url);
  const { address, family } = await lookup(hostname.replace(/^\[(.*)\]$/, '$1'));
  const server = { host: address, port: port === '' ? defaultPort : Number(port) };
  const presence = createPresence(deviceIds);
  const polling = new Map<string, Promise<void>>();

  /** Asks, executes and answers until the device goes away. */
  async function poll(deviceId: string, signal: AbortSignal): Promise<void> {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const agent = new Agent({ socket });
    // What cannot be sent is a request without an answer, and the device asks again.
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

/** The connector takes no answers in blocks: of one that is too long, only the status is told. */
function inOneDatagram(said: DeviceAnswer): string {
  const whole = JSON.stringify(said);
  return Buffer.byteLength(whole) <= maxAnswerBytes ? whole : JSON.stringify({ status: said.status });
}

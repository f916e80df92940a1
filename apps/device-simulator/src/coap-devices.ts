import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { type IncomingMessage, type OutgoingMessage, Server } from 'coap';
import { optionTexts } from './coap-options.js';
import type { DeviceAnswer, Execute, ServingDevices } from './device.js';
import { keepingSettings } from './keeping-settings.js';
import { createPresence } from './presence.js';
import { readPayload, writeJson } from './read-payload.js';
import { runCommand } from './run-command.js';

export interface CoapDevicesOptions {
  readonly deviceIds: readonly string[];
  readonly execute: Execute;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** UDP port. Default: a free one. */
  readonly port?: number;
}

const codes = { succeeded: '2.04', failed: '5.00', rejected: '4.00' } as const;

/**
 * Starts devices behind one CoAP server, each at `coap://host:port/<device id>`. The server does not answer datagrams for an
 * unreachable device, not even with an acknowledgement.
 */
export async function startCoapDevices(settings: CoapDevicesOptions): Promise<ServingDevices> {
  const { deviceIds, host = '127.0.0.1', port = 0 } = settings;
  const execute = keepingSettings(settings.execute);
  const presence = createPresence(deviceIds);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const listening = once(socket, 'listening');
  socket.bind(port, host);
  await listening;
  const server = new Server((request, response) => void serve(request, response));
  server.listen(socket);

  async function serve(request: IncomingMessage, response: OutgoingMessage): Promise<void> {
    response.on('error', () => response.destroy());
    const [deviceId = '', ...path] = optionTexts(request, 'Uri-Path');
    if (!presence.has(deviceId)) return void respond(response, '4.04');
    const signal = presence.signalOf(deviceId);
    if (signal === undefined) return stayQuiet(response);
    const target = `/${path.join('/')}`;
    const isSettings = request.method === 'PUT' && target === '/settings';
    const command = {
      protocol: 'coap',
      deviceId,
      target,
      ...(isSettings && { commandType: 'settings' }),
      payload: readPayload(request.payload),
      mayBeRepeat: false,
    } as const;
    const said = await runCommand(execute, command, signal);
    if (said === undefined) stayQuiet(response);
    else respond(response, codes[said.status], bodyOf(said));
  }

  let closed: Promise<void> | undefined;
  function close(): Promise<void> {
    presence.end();
    closed ??= new Promise((resolve) => {
      server.close();
      socket.close(resolve);
    });
    return closed;
  }

  return {
    deviceIds,
    port: socket.address().port,
    sleep: presence.sleep,
    wake: presence.wake,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Returns the result as JSON, or the reason of a failure as diagnostic payload (RFC 7252, section 5.5.2). */
function bodyOf(said: DeviceAnswer): { readonly text: string; readonly isJson: boolean } | undefined {
  if (said.status !== 'succeeded') return { text: said.reason, isJson: false };
  return said.result === undefined ? undefined : { text: writeJson(said.result), isJson: true };
}

function respond(response: OutgoingMessage, code: string, body?: ReturnType<typeof bodyOf>): void {
  response.code = code;
  if (body?.isJson) response.setOption('Content-Format', 'application/json');
  response.end(body?.text ?? '');
}

/** Stops node-coap from acknowledging the request, which it does by itself if no answer follows soon. */
function stayQuiet(response: OutgoingMessage): void {
  clearTimeout(response._ackTimer ?? undefined);
}

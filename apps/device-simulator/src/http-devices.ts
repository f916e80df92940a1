import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { DeviceAnswer, Execute, ServingDevices } from './device.js';
import { readDevicePath } from './device-path.js';
import { keepingSettings } from './keeping-settings.js';
import { createPresence } from './presence.js';
import { readPayload, writeJson } from './read-payload.js';
import { runCommand } from './run-command.js';

export interface HttpDevicesOptions {
  readonly deviceIds: readonly string[];
  readonly execute: Execute;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

const statuses = { succeeded: 200, failed: 500, rejected: 400 } as const;

/**
 * Devices behind one HTTP server, each at `http://host:port/<device id>`. Connections to one that is away break off without an
 * answer.
 */
export async function startHttpDevices(settings: HttpDevicesOptions): Promise<ServingDevices> {
  const { deviceIds, host = '127.0.0.1', port = 0 } = settings;
  const execute = keepingSettings(settings.execute);
  const presence = createPresence(deviceIds);
  const server = createServer((request, response) => {
    // The sender has disconnected.
    serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = readDevicePath(request.url ?? '');
    if (target === undefined || !presence.has(target.deviceId))
      return answer(response, 404, { reason: 'no such device' });
    const signal = presence.signalOf(target.deviceId);
    if (signal === undefined) return void response.destroy();
    const command = {
      protocol: 'http',
      deviceId: target.deviceId,
      target: target.path,
      ...identityOf(request),
      payload: readPayload(await buffer(request)),
      mayBeRepeat: request.headers['may-be-repeat'] === 'true',
    } as const;
    const said = await runCommand(execute, command, signal);
    if (said === undefined) response.destroy();
    else answer(response, statuses[said.status], bodyOf(said));
  }

  await once(server.listen(port, host), 'listening');
  let closed: Promise<unknown> | undefined;

  async function close(): Promise<void> {
    presence.end();
    if (closed === undefined) {
      closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
    }
    await closed;
  }

  return {
    deviceIds,
    port: (server.address() as AddressInfo).port,
    sleep: presence.sleep,
    wake: presence.wake,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function identityOf({ headers }: IncomingMessage): {
  readonly requestId?: string;
  readonly commandType?: string;
  readonly sequence?: string;
} {
  const requestId = headers['idempotency-key'];
  const commandType = headers['command-type'];
  const sequence = headers['command-sequence'];
  return {
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof commandType === 'string' && { commandType }),
    ...(typeof sequence === 'string' && { sequence }),
  };
}

function bodyOf(said: DeviceAnswer): unknown {
  return said.status === 'succeeded' ? said.result : { reason: said.reason };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) response.writeHead(status).end();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(writeJson(body));
}

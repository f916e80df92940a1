import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ConformanceDevice, DeviceBehaviour } from '@preservarium/conformance';

export interface HttpDeviceServers {
  /** The base URL of a device. */
  directory(deviceId: string): string | undefined;
  createDevice(): Promise<ConformanceDevice>;
}

/** Devices that are HTTP servers on this machine, one each. */
export function createHttpDeviceServers(): HttpDeviceServers {
  const baseUrls = new Map<string, string>();
  let devices = 0;
  return {
    directory: (deviceId) => baseUrls.get(deviceId),
    async createDevice() {
      const { port, ...device } = await startDevice(`device-${++devices}`);
      baseUrls.set(device.deviceId, `http://127.0.0.1:${port}/${device.deviceId}`);
      return device;
    },
  };
}

async function startDevice(deviceId: string): Promise<ConformanceDevice & { readonly port: number }> {
  const received = new PassThrough({ objectMode: true });
  let behaviour: DeviceBehaviour = 'accept';
  let told: Buffer = Buffer.alloc(0);

  const server = createServer(async (request, response) => {
    const bytes = await buffer(request);
    if (behaviour === 'reject') return answer(response, 400);
    if (behaviour === 'fail once') {
      behaviour = 'accept';
      return answer(response, 500);
    }
    received.write({
      bytes,
      mayBeRepeat: request.headers['may-be-repeat'] === 'true',
      sequence: request.headers['command-sequence'],
    });
    if (behaviour === 'accept') answer(response, told.length === 0 ? 204 : 200, told);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    deviceId,
    port,
    received,
    async behave(next) {
      behaviour = next;
      if (next === 'gone') await stop();
      else if (!server.listening) await once(server.listen(port, '127.0.0.1'), 'listening');
    },
    async tellSettings(bytes) {
      told = bytes;
    },
    async close() {
      await stop();
      received.end();
    },
  };
}

function answer(response: ServerResponse, status: number, json: Buffer = Buffer.alloc(0)): void {
  response.writeHead(status, json.length > 0 ? { 'content-type': 'application/json' } : {}).end(json);
}

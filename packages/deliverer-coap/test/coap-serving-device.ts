import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ConformanceDevice, DeviceBehaviour } from '@preservarium/conformance';
import { freeUdpPort } from '@preservarium/dev-services';
import { type IncomingMessage, type OutgoingMessage, Server } from 'coap';

/** A device with a CoAP server of its own. */
export async function createServingDevice(addresses: Map<string, string>): Promise<ConformanceDevice> {
  const deviceId = `device-${randomUUID()}`;
  const port = await freeUdpPort();
  const received = new PassThrough({ objectMode: true });
  let behaviour: DeviceBehaviour = 'accept';
  let told: Buffer = Buffer.alloc(0);
  let server: Server | undefined = await serve();
  addresses.set(deviceId, `coap://127.0.0.1:${port}/in`);

  async function serve(): Promise<Server> {
    const starting = new Server(handle);
    await new Promise<void>((resolve) => starting.listen(port, '127.0.0.1', () => resolve()));
    return starting;
  }

  function handle(request: IncomingMessage, response: OutgoingMessage): void {
    if (behaviour === 'accept' || behaviour === 'silent') received.write({ bytes: request.payload });
    if (behaviour === 'silent') {
      clearTimeout(response._ackTimer ?? undefined);
      return;
    }
    response.code = behaviour === 'accept' ? '2.04' : behaviour === 'reject' ? '4.03' : '5.03';
    if (behaviour === 'fail once') behaviour = 'accept';
    if (told.length > 0) response.setOption('Content-Format', 'application/json');
    response.end(told);
  }

  async function close(): Promise<void> {
    if (server === undefined) return;
    const closing = server;
    server = undefined;
    const closed = once(closing, 'close');
    closing.close();
    await closed;
  }

  return {
    deviceId,
    received,
    async behave(next) {
      behaviour = next;
      if (next === 'gone') await close();
      else server ??= await serve();
    },
    async tellSettings(bytes) {
      told = bytes;
    },
    close,
  };
}

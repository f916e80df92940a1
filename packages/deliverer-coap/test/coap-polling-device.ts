import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ConformanceDevice, DeviceBehaviour } from '@preservarium/conformance';
import { Agent, type ObserveReadStream } from 'coap';

/** A device without a server, which observes its commands and acknowledges them. */
export async function createPollingDevice(port: number): Promise<ConformanceDevice> {
  const deviceId = `device-${randomUUID()}`;
  const received = new PassThrough({ objectMode: true });
  const server = { host: '127.0.0.1', port };
  let behaviour: DeviceBehaviour = 'accept';
  let agent: Agent | undefined = await register();

  async function register(): Promise<Agent> {
    const registering = new Agent({ type: 'udp4' });
    const asked = await askToObserve(registering);
    const echo = asked._packet.options?.find(({ name }) => String(name) === '252')?.value;
    // RFC 9175, section 2.3: once more, to show that answers arrive here.
    const stream = asked.code === '4.01' && echo ? await askToObserve(registering, { 252: echo }) : asked;
    stream.on('data', (bytes: Buffer) => take(bytes, stream.headers, registering));
    return registering;
  }

  async function askToObserve(by: Agent, options: object = {}): Promise<ObserveReadStream> {
    const request = by.request({ ...server, pathname: `/commands/${deviceId}`, observe: true, options });
    const response = once(request, 'response');
    request.end();
    const [stream] = await response;
    return stream;
  }

  function take(bytes: Buffer, headers: ObserveReadStream['headers'], by: Agent): void {
    const { 'Location-Path': requestId, 'Location-Query': query } = headers;
    if (requestId === undefined) return;
    if (behaviour !== 'reject') {
      // node-coap gives the last of several.
      const sequence = /^sequence=(.*)$/.exec(String(query))?.[1];
      received.write({ bytes, mayBeRepeat: query === 'repeat', sequence });
    }
    if (behaviour === 'silent') return;
    const pathname = `/commands/${deviceId}/${requestId}`;
    by.request({ ...server, pathname, method: 'POST' }).end(
      JSON.stringify({ status: behaviour === 'reject' ? 'rejected' : 'delivered' }),
    );
  }

  // Agent.close waits for the observation, which does not end.
  function close(): void {
    for (const request of agent?._msgIdToReq.values() ?? []) agent?.abort(request);
    agent?._sock?.close();
    agent = undefined;
  }

  return {
    deviceId,
    received,
    async behave(next) {
      behaviour = next;
      if (next === 'gone' || next === 'accept') close();
      if (next !== 'gone') agent ??= await register();
    },
    async tellSettings(bytes) {
      const telling = new Agent({ type: 'udp4' });
      const request = telling.request({ ...server, pathname: `/settings/${deviceId}`, method: 'POST' });
      const response = once(request, 'response');
      request.end(bytes);
      await response;
      telling.close();
    },
    async close() {
      close();
    },
  };
}

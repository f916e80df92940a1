import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { generate, type ParsedPacket, parse } from 'coap-packet';

/** Fewer than what the system keeps for a socket: it drops others without a word. */
const burst = 50;
/** A ping is sent again after this time. */
const repeatMs = 2_000;
const echoNumber = '252';

/** An endpoint that sends datagrams to a CoAP server no faster than it reads them. */
export interface CoapSender extends Disposable {
  /** Sends a datagram; from time to time it waits until the server has read all before. */
  send(datagram: Buffer): Promise<void>;
  /** Resolves when the server has read all datagrams. */
  flush(): Promise<void>;
}

/** Resolves when the server knows the endpoint: it sends back an Echo value (RFC 9175, section 2.3). */
export async function createCoapSender(port: number): Promise<CoapSender> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let sent = 0;
  let messageId = 0;

  async function flush(): Promise<void> {
    messageId = (messageId + 1) % 65_536;
    const id = messageId;
    const ping = generate({ code: '0.00', confirmable: true, messageId: id });
    await request(socket, { bytes: ping, port }, (answer) => answer.reset && answer.messageId === id);
  }

  const ask = (options: object[]) => {
    const path = { name: 'Uri-Path' as const, value: Buffer.from('telemetry') };
    const packet = { code: 'GET', messageId: 0, token: Buffer.from('echo') };
    const bytes = generate({ ...packet, options: [path, ...(options as (typeof path)[])] });
    return request(socket, { bytes, port }, ({ token }) => String(token) === 'echo');
  };
  const { options } = await ask([]);
  const echo = options.find(({ name }) => String(name) === echoNumber);
  if (echo !== undefined) await ask([echo]);

  return {
    async send(datagram) {
      socket.send(datagram, port, '127.0.0.1');
      sent += 1;
      if (sent % burst === 0) await flush();
    },
    flush,
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** Sends a request until an answer is accepted, or the port is closed. */
async function request(
  socket: Socket,
  { bytes, port }: { readonly bytes: Buffer; readonly port: number },
  isAnswer: (packet: ParsedPacket) => boolean,
): Promise<ParsedPacket> {
  const { promise, resolve } = Promise.withResolvers<ParsedPacket>();
  const listener = (datagram: Buffer) => {
    const packet = parse(datagram);
    if (isAnswer(packet)) resolve(packet);
  };
  socket.on('message', listener);
  const ask = () => socket.send(bytes, port, '127.0.0.1');
  ask();
  const repeating = setInterval(ask, repeatMs);
  try {
    return await promise;
  } finally {
    clearInterval(repeating);
    socket.off('message', listener);
  }
}

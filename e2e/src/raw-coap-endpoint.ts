import { createSocket } from 'node:dgram';
import { on, once } from 'node:events';
import { generate, type Packet, type ParsedPacket, parse } from 'coap-packet';
import { onTestFinished } from 'vitest';

type Options = NonNullable<Packet['options']>;

/** An endpoint that sends any messages, as no library would. It ends with the test. */
export interface RawCoapEndpoint {
  send(packet: Packet): void;
  /** The next message that comes. */
  next(): Promise<ParsedPacket>;
  /** Sends a message, and resolves with the next one that comes. */
  exchange(packet: Packet): Promise<ParsedPacket>;
  /** The same, and once more with the Echo option that the server asks for. */
  ask(packet: Packet): Promise<ParsedPacket>;
}

export const option = (name: string, value: string | Buffer) =>
  ({ name, value: Buffer.from(value) }) as Options[number];

/** The options of a path and of a query. */
export const target = (path: string, ...queries: readonly string[]): Options => [
  ...path.split('/').map((segment) => option('Uri-Path', segment)),
  ...queries.map((query) => option('Uri-Query', query)),
];

/** The Echo option of a message (RFC 9175, section 2.2). */
export const echoOf = ({ options }: ParsedPacket) => options.find(({ name }) => String(name) === '252');

/** The content of a message as text, with its code. */
export const textOf = ({ code, payload }: ParsedPacket) => `${code} ${payload.toString()}`.trim();

/** @param port of the server, on 127.0.0.1 */
export async function createRawCoapEndpoint(port: number): Promise<RawCoapEndpoint> {
  const socket = createSocket('udp4');
  const ended = new AbortController();
  const datagrams = on(socket, 'message', { signal: ended.signal });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => {
    ended.abort();
    socket.close();
  });
  let messageId = 1_000;

  const send = (packet: Packet) => socket.send(generate(packet), port, '127.0.0.1');
  const next = async () => parse(((await datagrams.next()).value as [Buffer])[0]);

  function exchange(packet: Packet): Promise<ParsedPacket> {
    messageId += 1;
    send({ confirmable: true, messageId, token: Buffer.of(1), ...packet });
    return next();
  }

  return {
    send,
    next,
    exchange,
    async ask(packet) {
      const first = await exchange(packet);
      const echo = echoOf(first);
      if (first.code !== '4.01' || echo === undefined) return first;
      const { messageId: _, ...again } = packet;
      return exchange({ ...again, options: [...(packet.options ?? []), echo as never] });
    },
  };
}

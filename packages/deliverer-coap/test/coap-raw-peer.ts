import { createSocket, type RemoteInfo } from 'node:dgram';
import { on, once } from 'node:events';
import { generate, type Packet, type ParsedPacket, parse } from 'coap-packet';

export interface RawMessage extends ParsedPacket {
  readonly from: RemoteInfo;
}

/** A peer that sends any bytes, as no library would. */
export interface RawPeer {
  readonly port: number;
  /** The received messages. Read once. */
  readonly received: AsyncIterableIterator<RawMessage>;
  send(bytes: Packet | Buffer, port: number): void;
  close(): void;
}

export async function createRawPeer(): Promise<RawPeer> {
  const socket = createSocket('udp4');
  const ended = new AbortController();
  const datagrams = on(socket, 'message', { signal: ended.signal });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  async function* read(): AsyncGenerator<RawMessage, void, undefined> {
    for await (const [bytes, from] of datagrams) yield { ...parse(bytes), from };
  }

  return {
    port: socket.address().port,
    received: read(),
    send: (bytes, port) => socket.send(Buffer.isBuffer(bytes) ? bytes : generate(bytes), port, '127.0.0.1'),
    close() {
      ended.abort();
      socket.close();
    },
  };
}

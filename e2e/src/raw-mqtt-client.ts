import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { onTestFinished } from 'vitest';

const protocol = { protocolVersion: 5 };

/** A client of MQTT 5 that sends packets which no library would send. It ends with the test. */
export interface RawMqttClient {
  /** Publishes with QoS 1. Resolves with the reason code of the broker, or of the DISCONNECT that ends the connection. */
  publish(message: Pick<IPublishPacket, 'topic' | 'payload' | 'properties'>): Promise<number | undefined>;
  /** Ends the connection without DISCONNECT: the broker publishes the will. */
  breakOff(): Promise<void>;
}

/** Resolves when the broker has answered CONNECT. */
export async function connectRawMqtt(
  port: number,
  given: Pick<IConnectPacket, 'username'> & { readonly password: string } & Partial<
      Pick<IConnectPacket, 'clientId' | 'clean' | 'will'>
    >,
): Promise<RawMqttClient> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const packets = parser(protocol);
  const received = new PassThrough({ objectMode: true });
  socket.on('data', (bytes: Buffer) => packets.parse(bytes));
  socket.on('close', () => received.end());
  socket.on('error', () => socket.destroy());
  packets.on('packet', (packet) => void received.write(packet));
  const iterator = received[Symbol.asyncIterator]();
  let messageId = 0;

  async function ask(packet: Packet): Promise<number | undefined> {
    socket.write(generate(packet, protocol));
    const { value } = (await iterator.next()) as { readonly value?: { readonly reasonCode?: number } };
    return value?.reasonCode;
  }

  await ask({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: 60 },
    ...{ clientId: '', ...given, password: Buffer.from(given.password) },
  } as IConnectPacket);
  return {
    publish(message) {
      messageId += 1;
      return ask({ cmd: 'publish', qos: 1, dup: false, retain: false, messageId, ...message });
    },
    async breakOff() {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    },
  };
}

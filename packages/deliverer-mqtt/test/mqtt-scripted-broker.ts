import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { generate, type IConnackPacket, type Packet, parser } from 'mqtt-packet';

export interface ScriptedBrokerOptions {
  /** Of CONNACK. Default: accepted, without limits. */
  readonly connack?: Partial<IConnackPacket>;
  /** Returns the code of each filter. Default: 1, granted. */
  readonly subscribe?: (filter: string) => number;
  /** Returns the reason code of the DISCONNECT that a message is answered with; undefined for an acknowledgement. */
  readonly disconnectFor?: (topic: string) => number | undefined;
}

export interface ScriptedBroker extends AsyncDisposable {
  readonly url: string;
  /** Topics of the messages that were acknowledged, in order. */
  readonly taken: readonly string[];
  readonly filters: readonly string[];
  readonly connections: () => number;
}

/** A server that speaks as much of MQTT 5 as the deliverer needs, and answers what a test says. */
export async function startScriptedBroker(options: ScriptedBrokerOptions = {}): Promise<ScriptedBroker> {
  const taken: string[] = [];
  const filters: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const packets = parser({ protocolVersion: 5 });
    const send = (packet: Packet) => socket.write(generate(packet, { protocolVersion: 5 }));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => packets.parse(bytes));
    packets.on('packet', (packet) => {
      if (!socket.writable) return;
      if (packet.cmd === 'connect') {
        send({ cmd: 'connack', reasonCode: 0, sessionPresent: false, ...options.connack });
        if ((options.connack?.reasonCode ?? 0) > 0) socket.end();
      }
      if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' });
      if (packet.cmd === 'subscribe') {
        const topics = packet.subscriptions.map(({ topic }) => topic);
        filters.push(...topics);
        send({
          cmd: 'suback',
          messageId: packet.messageId ?? 0,
          granted: topics.map(options.subscribe ?? (() => 1)),
        });
      }
      if (packet.cmd !== 'publish') return;
      const reasonCode = options.disconnectFor?.(packet.topic);
      if (reasonCode === undefined) {
        taken.push(packet.topic);
        send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
        return;
      }
      send({ cmd: 'disconnect', reasonCode });
      socket.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    filters,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

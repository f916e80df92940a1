import { once } from 'node:events';
import { connect } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

const topicFilter = 'devices/+/commands';

/**
 * Subscribes to the commands of all devices with QoS 1, and resolves when it has. It does no more than a receiver must, so that
 * the contestants and not the receiver are what is measured.
 */
export async function receiveCommands(
  brokerUrl: string,
  onCommand: (topic: string, payload: Buffer) => void,
): Promise<void> {
  const { hostname, port } = new URL(brokerUrl);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const packets = parser({ protocolVersion: 4 });
  const subscribed = Promise.withResolvers<void>();
  socket.on('error', subscribed.reject);
  socket.on('close', () => subscribed.reject(new Error('mosquitto closed the connection')));
  // Once subscribed, nothing waits for this promise: the end of the connection ends the process.
  subscribed.promise.then(() => socket.on('close', () => process.exit(1)));

  function received(packet: Packet): void {
    if (packet.cmd === 'publish') {
      onCommand(packet.topic, packet.payload as Buffer);
      if (packet.qos === 1) socket.write(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }));
    } else if (packet.cmd === 'connack') {
      const subscriptions = [{ topic: topicFilter, qos: 1 as const }];
      socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
    } else if (packet.cmd === 'suback') {
      subscribed.resolve();
    }
  }

  packets.on('packet', received);
  packets.on('error', (error) => socket.destroy(error));
  socket.on('data', (data) => {
    // The acknowledgements of what came together go together.
    socket.cork();
    packets.parse(data);
    socket.uncork();
  });
  await once(socket, 'connect');
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'devices',
      clean: true,
      keepalive: 0,
    }),
  );
  await subscribed.promise;
}

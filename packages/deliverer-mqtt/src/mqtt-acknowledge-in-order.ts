import type { Duplex } from 'node:stream';

/** Acknowledges messages with QoS 1 to the broker. */
export interface OrderedAcknowledgements {
  /** Takes the next message that arrived on this stream. Call the returned function once the message is processed. */
  arrived(stream: Duplex, messageId: number): () => void;
}

interface Arrival {
  readonly stream: Duplex;
  readonly messageId: number;
  done: boolean;
}

const puback = 0x40;

/**
 * mqtt.js would hand over a message only after the one before is acknowledged, a write to Kafka for each; here they are dealt with
 * side by side. They are acknowledged in the order of their arrival, as MQTT 5.0 demands (section 4.6), and on the connection that
 * brought them: on the next, their ids stand for others.
 */
export function createOrderedAcknowledgements(): OrderedAcknowledgements {
  const arrivals: Arrival[] = [];

  function acknowledge(): void {
    while (arrivals[0]?.done) {
      const { stream, messageId } = arrivals[0];
      arrivals.shift();
      if (stream.writable) stream.write(Buffer.from([puback, 2, messageId >> 8, messageId & 0xff]));
    }
  }

  return {
    arrived(stream, messageId) {
      const arrival: Arrival = { stream, messageId, done: false };
      arrivals.push(arrival);
      return () => {
        arrival.done = true;
        acknowledge();
      };
    },
  };
}

import type { Duplex } from 'node:stream';
import { pace } from '@preservarium/concurrency';
import type { DeliveryResult } from '@preservarium/deliverer';
import type { Packet } from 'mqtt';
import { brokerAway } from './mqtt-broker-away.js';
import type { BrokerLimits } from './mqtt-broker-limits.js';
import { type PublishPacket, setExpiry, setMessageId } from './mqtt-publish-packet.js';
import { type Blame, createSuspects } from './mqtt-suspects.js';
import { toResult } from './to-result.js';

export interface MqttMessage {
  readonly packet: PublishPacket;
  /** Makes the packet for sending it once more, marked as a repeat. Default: the same packet. */
  readonly repeat?: (() => PublishPacket) | undefined;
  readonly retain: boolean;
  /** When it is not to be sent any more, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** When to give it up, by `performance.now()`. */
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
  /** Returns false once another connector may serve the device. Default: always true. */
  readonly maySend?: (() => boolean) | undefined;
}

/** Sends messages and waits for the broker to acknowledge them, a bounded number at a time. */
export interface MqttPublisher {
  /** Resolves by the message's deadline. Messages are sent in the order of the calls. */
  publish(message: MqttMessage): Promise<DeliveryResult>;
  /** The highest quality of service that the broker takes. */
  maxQos(): number;
  /** True: the broker keeps messages for later subscribers. */
  takesRetained(): boolean;
  connected(stream: Duplex, limits: BrokerLimits): void;
  /** The broker answered with PUBACK that says nothing more. */
  acknowledged(messageId: number, reasonCode: number): void;
  /** Any other packet. */
  received(packet: Packet): void;
  /**
   * Gives up all messages in flight: none of them is sent on another connection. Where the connection may have ended for one of them, the
   * culprit is found and rejected on the next connections, and the others are sent again there, by their deadlines.
   */
  disconnected(reason: string, blame?: Blame): void;
}

export interface MqttPublisherOptions {
  readonly maxInFlight: number;
  readonly timeoutMs: number;
  readonly clock: () => number;
  /**
   * The broker left a message unanswered. By MQTT it stays in flight for as long as the connection lasts, so that must end: with it
   * the broker forgets what it has not read, and the next cannot be overtaken by it.
   */
  onOverdue(): void;
}

interface Outgoing {
  readonly message: MqttMessage;
  /** The packet to send: with the mark of a repeat from the second time on. */
  packet: PublishPacket;
  readonly settle: (result: DeliveryResult) => void;
  /** The caller has its result; the message id is taken until the broker answers. */
  givenUp: boolean;
  /** The answer in PUBREC. */
  reasonCode: number;
}

type Connection = { readonly limits: BrokerLimits; write(bytes: Buffer): void };

const sweepEveryMs = 50;
const maxMessageId = 65_535;
const pubrel = 0x62;
const culpritReasons: Readonly<Record<Blame, string>> = {
  sure: 'the broker ended the connection because of this message',
  possible: 'the broker ended the connection 3 times when this message alone was in flight',
};

export function createPublisher(settings: MqttPublisherOptions): MqttPublisher {
  const { timeoutMs, clock, onOverdue } = settings;
  // In the order in which they were sent.
  const inFlight = new Map<number, Outgoing>();
  let waiting = new Set<Outgoing>();
  const suspects = createSuspects<Outgoing>();
  let connection: Connection | undefined;
  let room = 0;
  let lastMessageId = 0;
  let sweeping = false;

  function publish(message: MqttMessage): Promise<DeliveryResult> {
    return new Promise((settle) => {
      if (connection === undefined) return settle(brokerAway('the broker is not connected'));
      const { packet } = message;
      const outgoing: Outgoing = { message, packet, settle, givenUp: false, reasonCode: 0 };
      if (waiting.size === 0 && hasRoom()) send(connection, outgoing);
      else waiting.add(outgoing);
      sweepLater();
    });
  }

  function hasRoom(): boolean {
    return inFlight.size < Math.min(room, suspects.room());
  }

  function send({ limits, write }: Connection, outgoing: Outgoing): void {
    const { packet } = outgoing;
    const { expiresAtMs } = outgoing.message;
    const remainingMs = expiresAtMs - (expiresAtMs === Number.POSITIVE_INFINITY ? 0 : clock());
    const obstacle = obstacleTo(outgoing, limits, remainingMs);
    if (obstacle !== undefined) {
      suspects.acquit(outgoing);
      outgoing.settle(obstacle);
      return;
    }
    const messageId = nextMessageId();
    setMessageId(packet, messageId);
    setExpiry(packet, remainingMs);
    inFlight.set(messageId, outgoing);
    write(packet.bytes);
  }

  function nextMessageId(): number {
    do lastMessageId = (lastMessageId % maxMessageId) + 1;
    while (inFlight.has(lastMessageId));
    return lastMessageId;
  }

  function received(packet: Packet): void {
    if (packet.cmd !== 'puback' && packet.cmd !== 'pubrec' && packet.cmd !== 'pubcomp') return;
    const { cmd, messageId = 0, reasonCode = 0, properties } = packet;
    const outgoing = inFlight.get(messageId);
    if (outgoing === undefined || connection === undefined) return;
    if (cmd === 'pubrec' && reasonCode < 0x80) {
      outgoing.reasonCode = reasonCode;
      connection.write(Buffer.from([pubrel, 2, messageId >> 8, messageId & 0xff]));
      return;
    }
    acknowledged(messageId, reasonCode || outgoing.reasonCode, properties?.reasonString);
  }

  function acknowledged(messageId: number, reasonCode: number, reasonString?: string): void {
    const outgoing = inFlight.get(messageId);
    if (outgoing === undefined || connection === undefined) return;
    inFlight.delete(messageId);
    suspects.acquit(outgoing);
    outgoing.settle(toResult({ reasonCode, reasonString, retain: outgoing.message.retain }));
    sendWaiting(connection);
  }

  function sendWaiting(open: Connection): void {
    for (const outgoing of waiting) {
      if (!hasRoom()) return;
      waiting.delete(outgoing);
      send(open, outgoing);
    }
  }

  /** Those in flight go before the others on the next connection, except for the culprit and what was given up. */
  function keepSuspects(blame: Blame): void {
    const sent = [...inFlight.values()];
    const culprit = suspects.accuse(sent, blame);
    culprit?.settle({ kind: 'rejected', reason: culpritReasons[blame] });
    const kept = sent.filter((outgoing) => outgoing !== culprit && !outgoing.givenUp);
    for (const outgoing of kept) outgoing.packet = outgoing.message.repeat?.() ?? outgoing.packet;
    waiting = new Set([...kept, ...waiting]);
  }

  function sweepLater(): void {
    if (sweeping) return;
    sweeping = true;
    setTimeout(sweep, sweepEveryMs);
  }

  /** Looks at all at once: a timer and an event listener for each would cost more than sending it. */
  function sweep(): void {
    const nowMs = performance.now();
    const unanswered = brokerAway(`the broker did not answer within ${timeoutMs} ms`);
    for (const outgoing of waiting) {
      if (!giveUp(outgoing, nowMs, unanswered)) continue;
      waiting.delete(outgoing);
      suspects.acquit(outgoing);
    }
    let overdue = false;
    for (const outgoing of inFlight.values()) {
      giveUp(outgoing, nowMs, unanswered);
      overdue ||= outgoing.message.deadlineAtMs <= nowMs;
    }
    if (overdue) onOverdue();
    sweeping = false;
    if (inFlight.size + waiting.size > 0) sweepLater();
  }

  return {
    publish,
    maxQos: () => connection?.limits.maxQos ?? 2,
    takesRetained: () => connection?.limits.takesRetained ?? true,
    connected(stream, limits) {
      connection = { limits, write: inOneGo(stream) };
      room = Math.min(settings.maxInFlight, limits.maxInFlight);
      sendWaiting(connection);
    },
    acknowledged,
    received,
    disconnected(reason, blame) {
      const mayResume = blame !== undefined && connection !== undefined;
      connection = undefined;
      if (mayResume) keepSuspects(blame);
      else
        for (const outgoing of [...inFlight.values(), ...waiting]) settleLater(outgoing, brokerAway(reason));
      inFlight.clear();
      if (!mayResume) waiting.clear();
    },
  };
}

/** Why not to send it now; undefined where nothing speaks against it. */
function obstacleTo(
  { packet, message: { retain, maySend } }: Outgoing,
  { maxPacketBytes, takesRetained }: BrokerLimits,
  remainingMs: number,
): DeliveryResult | undefined {
  if (remainingMs <= 0)
    return { kind: 'retryable', reason: 'it expired before its turn', unreachable: false };
  if (packet.bytes.length > maxPacketBytes) {
    const reason = `the message has ${packet.bytes.length} bytes, the broker takes ${maxPacketBytes}`;
    return { kind: 'rejected', reason };
  }
  if (retain && !takesRetained) return { kind: 'rejected', reason: 'the broker keeps no retained messages' };
  // Last: the command counts as dispatched if it is true.
  if (maySend?.() === false) return brokerAway('another connector may serve the device');
  return undefined;
}

function giveUp(outgoing: Outgoing, nowMs: number, unanswered: DeliveryResult): boolean {
  const { message } = outgoing;
  if (outgoing.givenUp) return true;
  if (message.signal.aborted) {
    settleLater(outgoing, { kind: 'retryable', reason: 'the delivery was aborted', unreachable: false });
  } else if (message.deadlineAtMs <= nowMs) {
    settleLater(outgoing, unanswered);
  } else {
    return false;
  }
  outgoing.givenUp = true;
  return true;
}

/** Thousands of deliveries end together where the broker does not answer, or goes. */
function settleLater({ settle }: Outgoing, result: DeliveryResult): void {
  pace(() => settle(result));
}

/** Packets of one turn of the event loop go out in one write: a write for each costs more than copying them. */
function inOneGo(stream: Duplex): (bytes: Buffer) => void {
  let gathered: Buffer[] = [];
  function writeGathered(): void {
    const [first, second] = gathered;
    const bytes = second === undefined ? first : Buffer.concat(gathered);
    gathered = [];
    if (stream.writable) stream.write(bytes);
  }
  return (bytes) => {
    if (gathered.length === 0) process.nextTick(writeGathered);
    gathered.push(bytes);
  };
}

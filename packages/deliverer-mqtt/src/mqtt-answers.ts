import { createRateLimitedLog } from '@preservarium/backend';
import { startSlice } from '@preservarium/concurrency';
import type { ConnectorPort } from '@preservarium/deliverer';
import type { DoneCallback, IPublishPacket, MqttClient } from 'mqtt';
import type { CompleteOptions } from './deliverer-options.js';
import { createOrderedAcknowledgements } from './mqtt-acknowledge-in-order.js';
import { readAnswer } from './mqtt-answer.js';
import { type PresenceRules, readPresence } from './mqtt-presence.js';
import { readReportedSettings } from './mqtt-reported-settings.js';
import type { SentCommands } from './mqtt-sent-commands.js';

/** Messages from devices that are being reported at the same time. */
export const maxAnswersInFlight = 1_000;

// Given to mqtt.js instead of nothing, it goes on to the next message and leaves this one to be acknowledged here.
const acknowledgedLater = new Error('acknowledged once it is reported');

export interface AnswerHandler {
  readonly handleMessage: MqttClient['handleMessage'];
  /** Takes no more, and resolves when the connector has what was taken; the broker keeps the rest for the next connection. */
  drain(): Promise<void>;
}

/** Tells the connector what devices say. The broker keeps each answer until the connector has it in Kafka. */
export function createAnswerHandler(
  client: Pick<MqttClient, 'stream'>,
  port: ConnectorPort,
  settings: Pick<
    CompleteOptions,
    'responses' | 'reportedSettings' | keyof PresenceRules | 'maxAnswerBytes' | 'logger'
  >,
  sent?: SentCommands,
): AnswerHandler {
  const dropped = createRateLimitedLog(settings.logger);
  const acknowledgements = createOrderedAcknowledgements();
  const slice = startSlice();
  let inFlight = 0;
  let goOn: (() => void) | undefined;
  let drained: (() => void) | undefined;

  /** Resolves when the message is processed; at once if nothing of it must be kept. */
  async function take(packet: IPublishPacket): Promise<void> {
    const own = sent?.read(packet);
    if (own !== undefined) {
      port.reachable(own.deviceId);
      return own.report === undefined ? undefined : port.report(own.report);
    }
    const answer = readReportedSettings(packet, settings) ?? readAnswer(packet, settings);
    if (answer?.kind === 'reported') {
      const outcome = await port.reported(answer.deviceId, answer.patch);
      // PUBACK says only that the message has come; MQTT has no way to tell the device more.
      if (outcome.kind === 'refused') drop(packet, outcome.reason);
      else if (outcome.kind === 'later') drop(packet, 'the connector does not store reports now');
      return;
    }
    if (answer?.kind === 'report') {
      port.reachable(answer.report.deviceId);
      return port.report(answer.report);
    }
    if (answer !== undefined) {
      if (answer.deviceId !== undefined) port.reachable(answer.deviceId);
      return drop(packet, answer.problem);
    }
    const presence = readPresence(packet, settings);
    if (presence === undefined) return drop(packet, 'its topic is none that devices say something on');
    if (presence.kind === 'unreadable') return drop(packet, presence.problem);
    port.presence?.(presence.deviceId, presence.said);
  }

  function drop({ topic, payload }: IPublishPacket, problem: string): void {
    dropped.warn('a message of a device was dropped', { topic, bytes: payload.length, problem });
  }

  function handleMessage(packet: IPublishPacket, callback: DoneCallback): void {
    if (drained !== undefined) return;
    const { stream } = client;
    const acknowledge = packet.qos > 0 ? acknowledgements.arrived(stream, packet.messageId ?? 0) : () => {};
    const next = () => callback(packet.qos > 0 ? acknowledgedLater : undefined);
    inFlight += 1;
    void take(packet).then(() => {
      inFlight -= 1;
      acknowledge();
      goOn?.();
      goOn = undefined;
      if (inFlight === 0) drained?.();
    });
    if (inFlight >= maxAnswersInFlight) goOn = next;
    // A chunk of the connection has hundreds of messages.
    else if (slice.isOver()) void slice.next().then(next);
    else next();
  }

  return {
    handleMessage,
    drain: () =>
      new Promise((resolve) => {
        drained = resolve;
        if (inFlight === 0) resolve();
      }),
  };
}

import type { CommandMessage } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';
import type { CompiledMqttDeviceTypes, CompiledMqttWire } from './mqtt-device-types.js';
import { isId } from './mqtt-json-object.js';

/** Commands whose devices answer on topics of their own, where most answers do not say to which command they are. */
export interface SentCommands {
  /** Notes a command just before it is sent. */
  add(command: CommandMessage, wire: CompiledMqttWire): void;
  /** It was not sent. */
  remove(command: CommandMessage): void;
  /** Returns the devices and their reports that a message has; undefined where its topic is none of those answers. */
  read(packet: IPublishPacket): { readonly deviceId: string; readonly report?: DeviceReport } | undefined;
}

interface Sent {
  readonly command: CommandMessage;
  readonly wire: CompiledMqttWire;
  readonly untilMs: number;
}

/** An answer that takes longer may be to another command. */
const defaultAnswerMs = 10_000;
const maxSent = 100_000;

/** An answer is to the oldest command of its device that it fits, within the time that the command gives its device. */
export function createSentCommands(
  { answers }: Pick<CompiledMqttDeviceTypes, 'answers'>,
  {
    maxAnswerBytes,
    now = () => performance.now(),
  }: { readonly maxAnswerBytes: number; readonly now?: () => number },
): SentCommands {
  const sentTo = new Map<string, Map<string, Sent>>();
  let count = 0;

  function remove({ deviceId, requestId }: CommandMessage): void {
    const ofDevice = sentTo.get(deviceId);
    if (ofDevice?.delete(requestId)) count -= 1;
    if (ofDevice?.size === 0) sentTo.delete(deviceId);
  }

  function removeOverdue(deviceId: string): void {
    for (const { command, untilMs } of sentTo.get(deviceId)?.values() ?? [])
      if (untilMs < now()) remove(command);
  }

  return {
    add(command, wire) {
      if (wire.judge === undefined) return;
      if (count >= maxSent) for (const deviceId of sentTo.keys()) removeOverdue(deviceId);
      if (count >= maxSent) return;
      remove(command);
      removeOverdue(command.deviceId);
      const ofDevice = sentTo.get(command.deviceId) ?? new Map<string, Sent>();
      sentTo.set(command.deviceId, ofDevice);
      ofDevice.set(command.requestId, {
        command,
        wire,
        untilMs: now() + (command.answerWithinMs ?? defaultAnswerMs),
      });
      count += 1;
    },
    remove,
    read({ topic, payload, retain }) {
      const deviceId = answers
        .map((template) => template.read(topic)?.deviceId)
        .find((each) => each !== undefined);
      if (deviceId === undefined || !isId(deviceId)) return undefined;
      // A retained state is older than the command.
      if (retain || payload.length > maxAnswerBytes) return { deviceId };
      removeOverdue(deviceId);
      for (const { command, wire } of sentTo.get(deviceId)?.values() ?? []) {
        // The templates of two types may fit one topic, and name different devices in it.
        const isOfDevice = wire.answers?.read(topic)?.deviceId === deviceId;
        const said = isOfDevice ? wire.judge?.(Buffer.from(payload), command) : undefined;
        if (said === undefined) continue;
        remove(command);
        return { deviceId, report: { deviceId, requestId: command.requestId, ...said } };
      }
      return { deviceId };
    },
  };
}

import { randomUUID } from 'node:crypto';
import { type CommandInput, type JsonObject, parseCommand } from '@preservarium/core';
import type { DeliveryContext, DeliveryResult, DevicePresence, DeviceReport } from '@preservarium/deliverer';
import { createMqttDeliverer, type MqttDelivererOptions } from '../src/index.js';

/** A started deliverer, and what it tells its connector. */
export interface Trial extends AsyncDisposable {
  readonly reports: DeviceReport[];
  /** The reported settings of devices. */
  readonly reported: { readonly deviceId: string; readonly patch: JsonObject }[];
  readonly reachable: string[];
  readonly presence: (readonly [deviceId: string, said: DevicePresence])[];
  /** Delivers a command to a device of this id, or what is given in its place. */
  deliver(command: Partial<CommandInput>, context?: Partial<DeliveryContext>): Promise<DeliveryResult>;
  clearSettings(deviceId: string): Promise<void>;
  /** As the connector calls it when a command that it has delivered ends. */
  withdraw(command: Partial<CommandInput>): Promise<void>;
  isReady(): boolean;
  close(options?: { readonly timeoutMs: number }): Promise<void>;
}

export interface TrialOptions {
  /** Behaviour of Kafka for a report. Default: it has the report at once. */
  readonly report?: (report: DeviceReport) => Promise<void>;
  readonly timeoutMs?: number;
  /** Default `true`. */
  readonly asksForPresence?: boolean;
}

export async function startTrial(
  settings: MqttDelivererOptions,
  { report = async () => {}, timeoutMs = 10_000, asksForPresence = true }: TrialOptions = {},
): Promise<Trial> {
  const deliverer = createMqttDeliverer(settings);
  const reports: DeviceReport[] = [];
  const reported: Trial['reported'] = [];
  const reachable: string[] = [];
  const presence: [string, DevicePresence][] = [];
  const port = {
    reachable(deviceId: string) {
      reachable.push(deviceId);
      return false;
    },
    ...(asksForPresence && {
      presence: (deviceId: string, said: DevicePresence) => void presence.push([deviceId, said]),
    }),
    report(said: DeviceReport) {
      reports.push(said);
      return report(said);
    },
    async reported(deviceId: string, patch: JsonObject) {
      reported.push({ deviceId, patch });
      return { kind: 'kept' as const };
    },
  };
  const close = (options = { timeoutMs: 2_000 }) => deliverer.close(options);
  try {
    await deliverer.start(port, { timeoutMs });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    reports,
    reported,
    reachable,
    presence,
    deliver(command, context = {}) {
      const message = messageOf(command);
      const signal = new AbortController().signal;
      return deliverer.deliver(message, { attempt: 1, mayBeRepeat: false, signal, ...context });
    },
    withdraw: async (command) => deliverer.withdraw?.(messageOf(command)),
    clearSettings: async (deviceId) => deliverer.clearSettings?.(deviceId),
    isReady: () => deliverer.isReady(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function messageOf(command: Partial<CommandInput>) {
  return parseCommand(
    { deviceId: 'pump', commandType: 'set_led', protocol: 'mqtt', ...command },
    { protocols: ['mqtt'] },
  );
}

export function newDeviceId(): string {
  return `device-${randomUUID()}`;
}

/** The next values, in order. */
export async function take<Value>(values: AsyncIterable<Value>, count: number): Promise<Value[]> {
  const iterator = values[Symbol.asyncIterator]();
  const taken: Value[] = [];
  while (taken.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

import { applyMergePatch, type JsonObject, parseCommand } from '@preservarium/core';
import type { DeliveryResult, DevicePresence, DeviceReport } from '@preservarium/deliverer';
import { createMqttDeliverer, type MqttDelivererOptions } from '@preservarium/deliverer-mqtt';

/** A command for the device, as a connector sends it. */
interface Message {
  readonly requestId: string;
  readonly commandType: string;
  readonly payload: JsonObject;
  /** The device may have it already. Default: false. */
  readonly mayBeRepeat?: boolean;
  /** The device must not execute it later; may be in the past. Default: never. */
  readonly expiresAt?: Date;
}

/** The way to one device and back, with the deliverer that connectors use. */
export interface DeviceLink {
  /** Resolves to what the broker says of the message, and forgets what the device has said of its request before. */
  send(message: Message): Promise<DeliveryResult>;
  /** Resolves to the end of the request that the device reports, or to undefined if it reports none in time. */
  end(requestId: string): Promise<DeviceReport | undefined>;
  /** Resolves to the settings that the device has reported as soon as they fit; to what it reported otherwise after the time. */
  reported(fits: (settings: JsonObject) => boolean): Promise<JsonObject | undefined>;
  /** Resolves to true as soon as the presence of the device is this, or to false after the time, in milliseconds. */
  isSaid(presence: DevicePresence, timeoutMs: number): Promise<boolean>;
  /** Takes away the settings that the broker keeps for the device, and closes the connections. */
  close(): Promise<void>;
}

export interface DeviceLinkOptions {
  readonly deviceId: string;
  readonly mqtt: Omit<MqttDelivererOptions, 'clock' | 'answerGroup' | 'clientId'>;
  /** Deadline for the connection and for each answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The deliverer sends no expired command: for the length of such a call, its clock is behind by more. */
const pastMs = 60_000;

/** @throws ConfigurationError, BackendUnavailableError, AuthenticationError of the deliverer */
export async function openDeviceLink(options: DeviceLinkOptions): Promise<DeviceLink> {
  const { deviceId, mqtt, timeoutMs, signal } = options;
  const ends = new Map<string, DeviceReport>();
  const observers = new Set<() => void>();
  let settings: JsonObject | undefined;
  let presence: DevicePresence | undefined;
  let clockBehindMs = 0;

  const deliverer = createMqttDeliverer({
    ...mqtt,
    timeoutMs,
    // A group of its own, so that running connectors get the answers too.
    answerGroup: `pusher-device-check-${process.pid}`,
    clock: () => Date.now() - clockBehindMs,
  });

  function observe(id: string, take: () => void): void {
    if (id !== deviceId) return;
    take();
    for (const look of observers) look();
  }

  /** Resolves to what `find` finds, now or after a message of the device; to undefined after the time. */
  async function until<Found>(find: () => Found | undefined, withinMs: number): Promise<Found | undefined> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Found | undefined>();
    const look = () => {
      const found = find();
      if (found !== undefined) resolve(found);
    };
    const stop = () => reject(signal.reason);
    const timer = setTimeout(resolve, withinMs, undefined);
    observers.add(look);
    signal.addEventListener('abort', stop, { once: true });
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      observers.delete(look);
      signal.removeEventListener('abort', stop);
    }
  }

  await deliverer.start(
    {
      reachable: () => false,
      async report(report) {
        if (report.state !== 'delivered') observe(report.deviceId, () => ends.set(report.requestId, report));
      },
      async reported(id, patch) {
        observe(id, () => {
          settings = applyMergePatch(settings ?? {}, patch);
        });
        return { kind: 'kept' };
      },
      presence: (id, said) =>
        observe(id, () => {
          presence = said;
        }),
    },
    { timeoutMs },
  );
  return {
    async send({ mayBeRepeat = false, ...message }) {
      const command = parseCommand({ ...message, deviceId, protocol: 'mqtt' }, { protocols: ['mqtt'] });
      ends.delete(message.requestId);
      const behindMs = message.expiresAt === undefined ? 0 : Date.now() - message.expiresAt.getTime();
      clockBehindMs = behindMs > 0 ? behindMs + pastMs : 0;
      return deliverer.deliver(command, { attempt: mayBeRepeat ? 2 : 1, mayBeRepeat, signal });
    },
    end: (requestId) => until(() => ends.get(requestId), timeoutMs),
    async reported(fits) {
      const fitting = () => (settings !== undefined && fits(settings) ? settings : undefined);
      return (await until(fitting, timeoutMs)) ?? settings;
    },
    isSaid: async (said, withinMs) =>
      (await until(() => (presence === said ? true : undefined), withinMs)) ?? false,
    async close() {
      await deliverer.clearSettings?.(deviceId);
      await deliverer.close({ timeoutMs });
    },
  };
}

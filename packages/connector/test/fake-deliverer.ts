import type { CommandMessage } from '@preservarium/core';
import type { ConnectorPort, Deliverer, DeliveryContext, DeliveryResult } from '@preservarium/deliverer';

type Answer = DeliveryResult | Promise<DeliveryResult>;

export const accepted: DeliveryResult = { kind: 'delivered', evidence: 'device' };
export const unreachable: DeliveryResult = { kind: 'retryable', reason: 'nobody there', unreachable: true };

interface Delivery {
  readonly command: CommandMessage;
  readonly context: DeliveryContext;
}

export interface FakeDeliverer extends Deliverer {
  /** Every attempt, in order. */
  readonly attempts: Delivery[];
  /** The notes of the accepted commands, in order. */
  accepted(deviceId?: string): unknown[];
  readonly port: ConnectorPort;
  /** Devices whose kept settings were taken away, in order. */
  readonly cleared: string[];
  /** The notes of commands that were withdrawn, in order. */
  readonly withdrawn: unknown[];
}

/** Result of an attempt in which nothing was sent. */
export const notAsked: DeliveryResult = {
  kind: 'retryable',
  reason: 'the device has not asked yet',
  unreachable: true,
};

/** A device side that does as told. Each command carries a `note` by which tests tell it from others. */
export function createFakeDeliverer(
  answer: (command: CommandMessage, context: DeliveryContext) => Answer = () => accepted,
): FakeDeliverer {
  const attempts: Delivery[] = [];
  const acceptedCommands: CommandMessage[] = [];
  const cleared: string[] = [];
  const withdrawn: unknown[] = [];
  let port: ConnectorPort | undefined;
  return {
    protocol: 'mqtt',
    attempts,
    cleared,
    withdrawn,
    accepted: (deviceId) =>
      acceptedCommands
        .filter((command) => deviceId === undefined || command.deviceId === deviceId)
        .map(({ payload }) => payload.note),
    get port() {
      if (port === undefined) throw new Error('not started');
      return port;
    },
    async start(given) {
      port = given;
    },
    async deliver(command, context) {
      attempts.push({ command, context });
      const answering = answer(command, context);
      if (answering !== notAsked) context.maySend?.();
      const result = await answering;
      if (result.kind === 'delivered') acceptedCommands.push(command);
      return result;
    },
    async clearSettings(deviceId) {
      cleared.push(deviceId);
    },
    async withdraw({ payload }) {
      withdrawn.push(payload.note);
    },
    isReady: () => port !== undefined,
    async close() {},
  };
}

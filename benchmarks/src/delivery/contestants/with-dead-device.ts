import { setTimeout as pause } from 'node:timers/promises';
import type { Deliverer } from '@preservarium/deliverer';

export const deadDevice = 'device-0';

/** So short that during a measurement it is found dead, and tried again, more than once. */
const timeoutMs = 500;

/** Nothing gets to the device, and nothing answers for it: every attempt ends at its deadline. */
export function withDeadDevice(deliverer: Deliverer, deviceId: string): Deliverer {
  return {
    ...deliverer,
    async deliver(command, context) {
      if (command.deviceId !== deviceId) return deliverer.deliver(command, context);
      await pause(timeoutMs);
      return { kind: 'retryable', reason: `no answer within ${timeoutMs} ms`, unreachable: true };
    },
  };
}

import { PassThrough } from 'node:stream';
import type {
  ConformanceDevice,
  DeviceBehaviour,
  ReceivedCommand,
} from '../../conformance/deliverer-harness.js';

/** A device without a network: `take` is what its protocol would carry. */
export interface FakeDevice extends ConformanceDevice {
  /** Resolves with its answer; never, where it is silent. */
  take(command: ReceivedCommand): Promise<'taken' | 'refused' | 'failed' | 'absent'>;
}

export function createFakeDevice(deviceId: string): FakeDevice {
  const received = new PassThrough({ objectMode: true });
  let behaviour: DeviceBehaviour = 'accept';

  return {
    deviceId,
    received,
    async behave(next) {
      behaviour = next;
    },
    async close() {
      received.end();
    },
    async take(command) {
      const now = behaviour;
      if (now === 'gone') return 'absent';
      if (now === 'reject') return 'refused';
      if (now === 'fail once') {
        behaviour = 'accept';
        return 'failed';
      }
      received.write(command);
      return now === 'silent' ? new Promise<never>(() => {}) : 'taken';
    },
  };
}

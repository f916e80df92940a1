import { PassThrough } from 'node:stream';
import type { JsonValue } from '@preservarium/core';
import type { ConformanceDevice, DeviceBehaviour, ReceivedCommand } from '../../deliverer-harness.js';

/** A device without a network: `take` is what its protocol would carry. */
export interface FakeDevice extends ConformanceDevice {
  /** Resolves with its answer; never, where it is silent. */
  take(command: ReceivedCommand): Promise<'taken' | 'refused' | 'failed' | 'absent'>;
  /** Its answer, if that is JSON. */
  told(): JsonValue | undefined;
}

export function createFakeDevice(
  deviceId: string,
  onPresence: (deviceId: string, said: 'present' | 'away') => void,
): FakeDevice {
  const received = new PassThrough({ objectMode: true });
  let behaviour: DeviceBehaviour = 'accept';
  let told: JsonValue | undefined;

  return {
    deviceId,
    received,
    async behave(next) {
      behaviour = next;
    },
    async tellSettings(bytes) {
      told = parseJson(bytes);
    },
    told: () => told,
    async tellPresence(said) {
      onPresence(deviceId, said);
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

function parseJson(bytes: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

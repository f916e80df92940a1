import { type CommandBytes, envelopeOf, numbersOf } from '../../numbered-command.js';
import type { Workload } from './workload.js';

/**
 * The same kind of work as in the other workloads, with nothing of this project: each command is made, written as JSON to a
 * buffer, kept in a map until a promise resolves, and read. Changing this changes every ratio in `cost-ratios.json`.
 */
export function calibrationWorkload(bytes: CommandBytes): Workload {
  const count = 3_000;
  return {
    bytes,
    count,
    prepare: async () => async () => {
      const inFlight = new Map<number, Buffer>();
      for (const number of numbersOf({ first: 0, count })) {
        inFlight.set(number, Buffer.from(JSON.stringify(envelopeOf(number, bytes))));
        if (inFlight.size === 500) await readAll(inFlight);
      }
      await readAll(inFlight);
    },
  };
}

async function readAll(inFlight: Map<number, Buffer>): Promise<void> {
  await Promise.all([...inFlight].map(([number, value]) => read(number, value)));
  inFlight.clear();
}

async function read(number: number, value: Buffer): Promise<void> {
  await Promise.resolve();
  const { device_id } = JSON.parse(value.toString()) as { readonly device_id: string };
  if (device_id === '') throw new TypeError(`command ${number} has lost its device`);
}

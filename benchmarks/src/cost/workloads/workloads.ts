import { decodeWorkload, encodeWorkload } from './codec.js';
import { deliveryWorkload } from './delivery.js';
import { pushCommandsWorkload, pushCommandWorkload } from './push.js';
import { verbatimWorkloads } from './verbatim.js';
import type { Workload } from './workload.js';

/** Each is made where it is measured: what the others need is not there. */
export const workloads = {
  'push.pushCommands': () => pushCommandsWorkload(300),
  'push.pushCommand': () => pushCommandWorkload(300),
  delivery: () => deliveryWorkload({ bytes: 300, events: false }),
  'delivery+events': () => deliveryWorkload({ bytes: 300, events: true }),
  'codec.encode': () => encodeWorkload(300),
  'codec.decode': () => decodeWorkload(300),
  'push.pushCommands (1000 bytes)': () => pushCommandsWorkload(1_000),
  'push.pushCommand (1000 bytes)': () => pushCommandWorkload(1_000),
  'delivery (1000 bytes)': () => deliveryWorkload({ bytes: 1_000, events: false }),
  'delivery+events (1000 bytes)': () => deliveryWorkload({ bytes: 1_000, events: true }),
  'codec.encode (1000 bytes)': () => encodeWorkload(1_000),
  'codec.decode (1000 bytes)': () => decodeWorkload(1_000),
} satisfies Record<string, () => Workload>;

/** All that a process can measure. */
export const measurable = { ...workloads, ...verbatimWorkloads };

export type WorkloadName = keyof typeof measurable;

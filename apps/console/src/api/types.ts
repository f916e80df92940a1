import type { components, operations } from './schema.js';

export type Command = components['schemas']['Command'];
export type LifecycleEvent = Command['events'][number];
export type CommandState = Command['state'];
export type Device = components['schemas']['Device'];
export type DeviceType = components['schemas']['DeviceType'];
export type Settings = components['schemas']['Settings'];
export type DeadLetter = components['schemas']['DeadLetter'];
export type DeadLetterContent = components['schemas']['DeadLetterContent'];
export type Redrive = components['schemas']['Redrive'];
export type Overview = components['schemas']['Overview'];
export type CommandList = operations['listCommands']['responses'][200]['content']['application/json'];

/** All states, in the order of a command's way. */
export const commandStates = [
  'published',
  'waiting',
  'dispatched',
  'delivered',
  'succeeded',
  'failed',
  'rejected',
  'expired',
  'superseded',
  'cancelled',
  'dead',
] as const satisfies readonly CommandState[];

export interface JsonObject {
  readonly [name: string]: unknown;
}

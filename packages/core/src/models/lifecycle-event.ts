import type { JsonValue } from './json-value.js';

/** The states of a command, from the brokers' acknowledgement of its push to its end. */
export const commandStates = [
  'published',
  'dispatched',
  'delivered',
  'succeeded',
  'failed',
  'rejected',
  'waiting',
  'expired',
  'superseded',
  'cancelled',
  'dead',
] as const;

export type CommandState = (typeof commandStates)[number];

/**
 * What proves a state: `broker`, Kafka has it; `gateway`, an MQTT broker or an HTTP gateway has it; `device`, the device
 * itself acknowledged it; `executed`, the device reported the result.
 */
export type Evidence = 'broker' | 'gateway' | 'device' | 'executed';

/** A step on the way of a command. */
export interface LifecycleEvent {
  readonly requestId: string;
  readonly deviceId: string;
  readonly state: CommandState;
  readonly timestamp: Date;
  readonly commandType?: string | undefined;
  readonly protocol?: string | undefined;
  readonly evidence?: Evidence | undefined;
  /** The attempt to deliver it that this is about, from 1. */
  readonly attempt?: number | undefined;
  readonly reason?: string | undefined;
  /** What the device answered. */
  readonly result?: JsonValue | undefined;
  /** The device may have had this command before. */
  readonly mayBeRepeat?: boolean | undefined;
}

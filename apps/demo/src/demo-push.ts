import type { Backend } from '@preservarium/backend';
import type { CommandState, Evidence } from '@preservarium/core';
import type { PusherService, PushReceipt } from '@preservarium/publisher';

/** Something that the demo pushes, and what is to come of it. */
export interface DemoPush {
  readonly name: string;
  readonly deviceId: string;
  /** Absent for what cannot have one: its lifecycle events are known by the device. */
  readonly requestId?: string;
  /** How its lifecycle is to end; absent for settings, which have none. */
  readonly ends?: ExpectedEnd;
  /** What the record's JSON must say, beside its request id; absent where the record is not read back. */
  readonly content?: Readonly<Record<string, unknown>>;
  push(means: PushMeans): Promise<Pick<PushReceipt, 'topic'>>;
}

interface PushMeans {
  readonly service: PusherService;
  /** The one that the service uses. */
  readonly backend: Backend;
}

export interface ExpectedEnd {
  readonly state: CommandState;
  readonly evidence?: Evidence;
  /** A state that it must have been in before. */
  readonly after?: CommandState;
}

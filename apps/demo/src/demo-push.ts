import type { Backend } from '@preservarium/backend';
import type { CommandState, Evidence } from '@preservarium/core';
import type { PusherService, PushReceipt } from '@preservarium/publisher';

/** A push of the demo with its expected end. */
export interface DemoPush {
  readonly name: string;
  readonly deviceId: string;
  /** Absent for an unreadable record: its lifecycle events are found by the device. */
  readonly requestId?: string;
  /** Expected end of its lifecycle; absent for settings, which have none. */
  readonly ends?: ExpectedEnd;
  /** Expected fields of the record besides the request id; absent if the record is not read back. */
  readonly content?: Readonly<Record<string, unknown>>;
  push(dependencies: PushDependencies): Promise<Pick<PushReceipt, 'topic'>>;
}

interface PushDependencies {
  readonly service: PusherService;
  /** Backend of the service. */
  readonly backend: Backend;
}

export interface ExpectedEnd {
  readonly state: CommandState;
  readonly evidence?: Evidence;
  /** State that the command must have been in before. */
  readonly after?: CommandState;
}

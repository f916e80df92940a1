import type { Backend, Logger, StartFrom, TopicConfigs, WireFormat } from '@preservarium/backend';
import type { LifecycleEvent } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import type { SignatureOptions } from './intake/signature-check.js';
import type { PresenceMode } from './presence.js';
import type { ProofOptions } from './scheduling/required-proof.js';
import type { RetryOptions } from './scheduling/retry-policy.js';
import type { SettingsStore } from './settings-sync/settings-store.js';

export interface ConnectorOptions {
  /** The Kafka client to consume and publish with; the connector closes it. */
  readonly backend: Backend;
  /** The device protocol; the connector starts and closes it. */
  readonly deliverer: Deliverer;
  /**
   * The settings of devices, from `createSettings` of `@preservarium/settings`: devices of this protocol are sent what they lack, and
   * what they report is kept. The connector closes it. Default: settings are not brought to devices.
   */
  readonly settings?: SettingsStore;
  /** Connectors of one group share the partitions. Default `pusher_connector_` and the protocol. */
  readonly groupId?: string;
  /**
   * A name that no other connector of the group has: a restart that is shorter than the session of the Kafka client makes no rebalance then. The backend must have
   * static members. Default: none.
   */
  readonly instanceId?: string;
  /**
   * Where a group starts that is new on the command topic. Later it goes on where it was, and partitions that are added start at their
   * beginning. Default `{ lastMs: 3_600_000 }`, the last hour: a command pushed shortly before the first connector is delivered, a
   * week-old one is not. How many commands are skipped is logged.
   */
  readonly from?: StartFrom;
  readonly topics?: ConnectorTopics;
  /**
   * The form of the commands in Kafka, where applications do not write that of `@preservarium/core`: `createHonoFormat` of `@preservarium/hono`. The connector
   * reports the end of a command to its sender in this form, too. Cannot be combined with `settings`, which are brought to devices by commands in the default form. Default: none.
   */
  readonly format?: Pick<WireFormat, 'decodeCommand' | 'endTopic' | 'encodeEnd'> | undefined;
  /** Checks retention, message size and compaction of the topics at the start. Default: `backend`, if it reads settings of topics; else a warning is logged. */
  readonly topicConfigs?: TopicConfigs;
  /**
   * The longest time without a connector of the group after which no command that waits may be lost, in milliseconds: the waiting topic keeps records for so
   * long and `retry.maxWaitMs`. Default 30 days.
   */
  readonly maxDowntimeMs?: number;
  readonly retry?: RetryOptions;
  /** Which evidence ends commands that name none, and how long devices may take. Default: what the protocol proves by itself. */
  readonly proof?: ProofOptions;
  /**
   * The use of the presence of devices, where the deliverer knows it. Default `observe`: a device that says that it is present is tried
   * at once. With `require`, nothing is sent to one that says that it is away, also after a restart with `stateDir`.
   */
  readonly presence?: PresenceMode;
  /** Which signatures commands and cancellations need. Default: none. */
  readonly signatures?: SignatureOptions | undefined;
  readonly limits?: ConnectorLimits;
  /**
   * The directory for the store of commands that wait for their devices, of this process alone; made where there is none. A connector that starts with
   * the store of its last run need not read all of what waits from Kafka. Default: the store is in memory.
   */
  readonly stateDir?: string;
  /** Deadline for connecting and joining, in milliseconds. Default 30,000. */
  readonly startTimeoutMs?: number;
  /** How long deliveries may go on when a partition is taken away, in milliseconds. Default 10,000. */
  readonly drainTimeoutMs?: number;
  /** Default: nothing is logged. Payloads never are. */
  readonly logger?: Logger;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
  /** Called with each step of a command when it happens, before it is in Kafka; for counting. Exceptions are logged. Default: none. */
  readonly onEvent?: (event: LifecycleEvent) => void;
}

/** Those of the connector's own that do not exist are created, with as many partitions as the command topic. */
export interface ConnectorTopics {
  /** Default `device_commands`. */
  readonly commands?: string;
  /** Default `device_commands_waiting`. */
  readonly waiting?: string;
  /** Default `device_commands_dead`. */
  readonly deadLetters?: string;
  /** `false`: no lifecycle events are written. Default `device_command_events`. */
  readonly events?: string | false;
}

export interface ConnectorLimits {
  /** Commands taken from the command topic and not yet settled. Default 10,000. */
  readonly maxInFlight?: number;
  /** Their size, in bytes. Default 64 MiB. */
  readonly maxInFlightBytes?: number;
  /** Devices that are being delivered to at the same time. Default 1,000. */
  readonly maxConcurrentDeliveries?: number;
  /**
   * Devices a second whose waiting commands are taken up, those that wait longest first: devices that come back together, as after a restart of their
   * broker, are not sent to together. Default 1,000.
   */
  readonly wakeRate?: number;
  /** Commands that wait for their devices, without `stateDir`: beyond it, commands stay in their topic. Default 100,000. */
  readonly maxWaiting?: number;
  /** Size of the store in `stateDir` with all other files there, such as that of the settings, in bytes: beyond it, commands stay in their topic. Default 8 GiB. */
  readonly maxStoreBytes?: number;
  /** Request ids that are remembered so as not to be delivered again; up to twice as many are. Default 100,000. */
  readonly maxRememberedIds?: number;
}

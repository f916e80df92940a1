import type { RequestListener } from 'node:http';
import type { ConsumedRecord, Logger } from '@preservarium/backend';
import type { DeviceType, ListedDeviceTypes } from '@preservarium/capabilities';
import type { CommandFinder, CommandStore, RequestKeys } from '@preservarium/command-store';
import type { DeadLetterTopic } from '@preservarium/dead-letters';
import type { PusherService } from '@preservarium/publisher';
import type { Settings } from '@preservarium/settings';
import type { EventLog, Tracker } from '@preservarium/tracking';
import type { TopicNames } from './asyncapi/describe-topics.js';
import type { Authenticator } from './auth/authenticator.js';
import type { Authorizer } from './auth/authorize.js';
import type { WantedCommand } from './commands/find-command-record.js';
import type { ConsoleFiles } from './http/console-files.js';
import type { ConnectorLag } from './overview/connector-group.js';

/** The parts that the routes call. The process opens and closes all of them. */
export interface GatewayParts {
  readonly service: PusherService;
  /** Does all of a push but to send it. */
  readonly rehearsal: Pick<PusherService, 'pushCommand'>;
  readonly store: CommandStore;
  readonly finder: CommandFinder;
  /** Returns the record of a command in the command topic, if Kafka still has it. */
  findRecord(command: WantedCommand): Promise<ConsumedRecord | undefined>;
  readonly requestKeys: RequestKeys;
  readonly tracker: Tracker;
  readonly events: EventLog;
  readonly settings: Settings;
  readonly deadLetters: DeadLetterTopic;
  readonly deviceTypes: readonly DeviceType[];
  /** The types of devices. */
  readonly directory: ListedDeviceTypes;
  readonly authenticate: Authenticator;
  readonly authorizer: Authorizer;
  /** Names of the topics, for `/asyncapi.json`. */
  readonly topics: TopicNames;
  /** Protocols besides mqtt, coap and http that commands may name. */
  readonly protocols: readonly string[];
  readonly logger: Logger;
  /** Aborts when the gateway begins to stop: waits are answered, streams end, new requests are refused. */
  readonly stopping: AbortSignal;
  /** Returns the conditions of `/readyz`, by name. */
  readonly readiness: () => Promise<Readonly<Record<string, boolean>>>;
  /** Returns how far the connectors of each protocol are behind the end of the command topic. */
  connectorLags(): Promise<readonly ConnectorLag[]>;
  /** Answers `/metrics`; undefined where telemetry is disabled. */
  readonly serveMetrics: RequestListener | undefined;
  /** The pages for operators, served at `/`. */
  readonly console: ConsoleFiles;
}

/** Bounds of what clients may use. */
export interface GatewayLimits {
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  /** Origins whose pages may use the API from a browser; `*` is any. */
  readonly origins: readonly string[];
  /** Requests of one caller in a second; each command of a batch is one. */
  readonly requestsPerSecond: number;
  /** Requests of one caller that are not answered yet, streams among them. */
  readonly openRequests: number;
  /** Deadline for Kafka to acknowledge a push, in milliseconds. */
  readonly pushTimeoutMs: number;
}

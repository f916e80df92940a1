import type { RecordHeaders } from '@preservarium/backend';
import type { CommandMessage, JsonObject, JsonValue } from '@preservarium/core';

/**
 * A device protocol. The comments state every obligation, and the conformance suite checks it. The connector calls
 * `deliver` for one command of a device and channel at a time, in the order in which they are to reach it, and for many devices side by
 * side.
 */
export interface Deliverer {
  /** The commands it is for: those whose `protocol` is this. */
  readonly protocol: string;

  /**
   * Names the channel of a command that the device side orders by itself, apart from the other commands of its device, such as an MQTT topic. `undefined`, also
   * where there is no such function: the command keeps its order among all commands of its device. The same command gives the same channel, always.
   */
  channelOf?(command: CommandMessage): string | undefined;

  /**
   * Resolves once the device side can be used; keeps its connection alive from then on. Rejects with
   * `BACKEND_UNAVAILABLE`, `AUTHENTICATION_FAILED` or `CONFIGURATION_INVALID`.
   */
  start(port: ConnectorPort, options: { readonly timeoutMs: number }): Promise<void>;

  /**
   * Hands one command to the device side, and resolves within a deadline of its own with what is proven; it never rejects.
   * When the signal aborts, it resolves soon after with `retryable`.
   */
  deliver(command: CommandMessage, context: DeliveryContext): Promise<DeliveryResult>;

  /**
   * The device has all the settings that are desired: takes away what is kept for it, where the protocol keeps settings for devices
   * that are away. Resolves soon, also where that fails; never rejects.
   */
  clearSettings?(deviceId: string): Promise<void>;

  /**
   * A command that was sent has ended, by its expiry, a cancellation, a newer one or the answer of its device: takes away what the device side
   * keeps of it for a device that is away, where the protocol has a way to. Called before the next command of the device. Resolves soon, also where that fails; never
   * rejects.
   */
  withdraw?(command: CommandMessage): Promise<void>;

  /** Returns true while the device side is connected. */
  isReady(): boolean;

  /** Ends the deliveries in flight at the deadline, and frees every resource. Later calls do nothing. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

export interface DeliveryContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The device may have this command already; mark it so, where the protocol has a way to. */
  readonly mayBeRepeat: boolean;
  /**
   * The place of the command in Kafka, `partition:offset`, for example `3:1842`; send it, where the protocol has a place for it. Of two commands with the
   * same partition, the one with the higher offset was pushed later.
   */
  readonly sequence?: string | undefined;
  /**
   * Of the command's record in Kafka. The trace context among them, `traceparent` and `tracestate` of W3C, goes on to the device
   * where the protocol has a place for it: see `traceContextOf`.
   */
  readonly headers?: RecordHeaders;
  readonly signal: AbortSignal;
  /**
   * Returns false once another connector may serve the device, also right after this process was frozen: then nothing more may be sent. A deliverer
   * asks right before it sends, and looks at the expiry of the command then: see `obstacleToSending`. Where it returns true, the command counts as
   * dispatched: ask only if nothing else keeps it from being sent. Default: always true.
   */
  readonly maySend?: () => boolean;
}

/** The result of an attempt. No state is claimed on weaker evidence than it says. */
export type DeliveryResult =
  | {
      readonly kind: 'delivered';
      /** `gateway`: a broker or gateway has it; `device`: the device itself acknowledged it. */
      readonly evidence: 'gateway' | 'device';
      /** The answer of the device, if any and if a lifecycle event can carry it. See `deviceResult`. */
      readonly result?: JsonValue;
      /** The reason why the answer of the device is omitted. */
      readonly reason?: string;
    }
  | {
      readonly kind: 'retryable';
      readonly reason: string;
      /** Nothing answered for the device: its later commands would fare no better. */
      readonly unreachable: boolean;
      /** The device side asked for this pause before the next attempt, in milliseconds. */
      readonly afterMs?: number;
    }
  | { readonly kind: 'rejected'; readonly reason: string };

/** Calls that a deliverer may make to the connector at any time. */
export interface ConnectorPort {
  /** The device is reachable now: its waiting commands are delivered at once. Returns true if any wait. */
  reachable(deviceId: string): boolean;

  /**
   * The device, or the device side for it, says whether it is there: another message than the ones below. Calls for one device in the order in which it said so. Undefined where
   * the connector does not ask for presence: then the deliverer does not ask its devices for it.
   */
  readonly presence?: (deviceId: string, said: DevicePresence) => void;

  /**
   * Returns true if a device that asks for its commands asks the wrong connector: its partition is that of another one. The connector counts these requests. Undefined: there
   * is no other connector.
   */
  readonly turnsAway?: (deviceId: string) => boolean;

  /** The device reported the state of a command. Resolves once Kafka has the report; never rejects. */
  report(report: DeviceReport): Promise<void>;

  /**
   * The device reported its settings, as a merge patch (RFC 7396) on its earlier reports; so it is also reachable now. Resolves with
   * the outcome: `kept` only when Kafka has it. While Kafka is unavailable the connector retries and this does not
   * resolve, until the connector stops. Never rejects.
   */
  reported(deviceId: string, patch: JsonObject): Promise<ReportOutcome>;
}

/** `unknown`: it is as if it had never said anything. */
export type DevicePresence = 'present' | 'away' | 'unknown';

/** The outcome of settings that a device reported. */
export type ReportOutcome =
  /** Kafka has the report, or it changed nothing: acknowledge it. */
  | { readonly kind: 'kept' }
  /** The report is not stored, and never will be: sending it again does not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The report is not stored now: the device may send it again after `afterMs` milliseconds. */
  | { readonly kind: 'later'; readonly afterMs: number };

/** `delivered`: the device has it; the others say how its execution ended. */
export interface DeviceReport {
  readonly deviceId: string;
  readonly requestId: string;
  readonly state: 'delivered' | 'succeeded' | 'failed' | 'rejected';
  readonly reason?: string;
  readonly result?: JsonValue;
  /** Headers of the device's message, where the protocol has a place for them: its trace context. The connector does not keep them. */
  readonly headers?: Readonly<Record<string, string>>;
}

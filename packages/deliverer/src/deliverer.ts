import type { CommandMessage, JsonObject, JsonValue } from '@preservarium/core';

/**
 * A device protocol. Everything a deliverer must do is said here, and the conformance suite checks it. The connector calls
 * `deliver` for one command of a device at a time, in the order in which they are to reach it, and for many devices side by
 * side.
 */
export interface Deliverer {
  /** The commands it is for: those whose `protocol` is this. */
  readonly protocol: string;

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

  /** Whether the device side is connected now. */
  isReady(): boolean;

  /** Ends what is under way at the deadline, and frees every resource. Later calls do nothing. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

export interface DeliveryContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The device may have this command already; tell it, where the protocol has a way to. */
  readonly mayBeRepeat: boolean;
  /**
   * Of the command's record in Kafka. The trace context among them, `traceparent` and `tracestate` of W3C, goes on to the device
   * where the protocol has a place for it.
   */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What became of an attempt. No state is claimed on weaker evidence than it says. */
export type DeliveryResult =
  | {
      readonly kind: 'delivered';
      /** `gateway`: a broker or gateway has it; `device`: the device itself acknowledged it. */
      readonly evidence: 'gateway' | 'device';
      /** What the device answered, if it did and a lifecycle event can carry it. See `deviceResult`. */
      readonly result?: JsonValue;
      /** Why what the device answered is left out. */
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

/** What a deliverer may tell the connector at any time. */
export interface ConnectorPort {
  /** The device is there now: what waits for it is delivered at once. Returns whether anything does. */
  reachable(deviceId: string): boolean;

  /** The device said what became of a command. Resolves once Kafka has it; never rejects. */
  report(report: DeviceReport): Promise<void>;

  /**
   * The device reported its settings, as a merge patch (RFC 7396) on its earlier reports; so it is also reachable now. Resolves with
   * what became of the report: `kept` only when Kafka has it. While Kafka is unavailable the connector retries and this does not
   * resolve, until the connector stops. Never rejects.
   */
  reported(deviceId: string, patch: JsonObject): Promise<ReportOutcome>;
}

/** What the connector did with settings that a device reported. */
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
  /** What the device sent along, where the protocol has a place for it: its trace context. The connector keeps nothing of it. */
  readonly headers?: Readonly<Record<string, string>>;
}

import { startTimer, type Timer } from '@preservarium/concurrency';
import type { OutgoingMessage } from 'coap';
import type { CoapBlock } from './coap-block.js';

/** A request of a device that waits for its answer. */
export interface OpenRequest {
  /** Names the message: the same again is a repetition of it. */
  readonly key: string;
  readonly response: OutgoingMessage;
  /** The part of the answer that the device wants. */
  readonly block: CoapBlock | undefined;
}

/** Requests that are answered as soon as there is a command, or soon after with nothing; one for each device. */
export interface OpenRequests {
  /** Keeps the request open, and dismisses an earlier one of the device. Returns whether there is room. */
  hold(deviceId: string, request: OpenRequest): boolean;
  has(deviceId: string): boolean;
  /** The caller answers it. */
  take(deviceId: string): OpenRequest | undefined;
  /** Answers the request with nothing. */
  dismiss(deviceId: string): void;
  dismissAll(): void;
}

export function createOpenRequests(limits: {
  readonly maxDevices: number;
  readonly holdMs: number;
}): OpenRequests {
  const held = new Map<string, { readonly request: OpenRequest; readonly timer: Timer }>();

  function take(deviceId: string): OpenRequest | undefined {
    const entry = held.get(deviceId);
    if (entry === undefined) return undefined;
    entry.timer.clear();
    held.delete(deviceId);
    return entry.request;
  }

  function dismiss(deviceId: string): void {
    take(deviceId)?.response.setOption('Max-Age', 0).end();
  }

  return {
    hold(deviceId, request) {
      if (held.get(deviceId)?.request.key === request.key) {
        // The answer to the first message is one to its repetitions too; node-coap would acknowledge this one apart.
        clearTimeout(request.response._ackTimer ?? undefined);
        return true;
      }
      dismiss(deviceId);
      if (held.size >= limits.maxDevices) return false;
      held.set(deviceId, { request, timer: startTimer(() => dismiss(deviceId), limits.holdMs) });
      return true;
    },
    has: (deviceId) => held.has(deviceId),
    take,
    dismiss,
    dismissAll() {
      for (const deviceId of [...held.keys()]) dismiss(deviceId);
    },
  };
}

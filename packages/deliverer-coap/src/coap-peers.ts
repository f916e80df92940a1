import { paced, startTimer, type Timer } from '@preservarium/concurrency';
import { type ExchangeOutcome, failed } from './coap-exchange-outcome.js';
import { type CoapPeer, type ExchangeLimits, openPeer } from './coap-peer.js';
import type { CoapRequest } from './coap-request.js';
import { createTurns } from './coap-turns.js';

/** The devices that are pushed to. */
export interface CoapPeers {
  /** Sends a request and resolves with its outcome, or with undefined after `stop` aborted. */
  exchange(request: CoapRequest, limits: ExchangeLimits): Promise<ExchangeOutcome | undefined>;
  /** Closes the sockets that are kept; those in use close by themselves. */
  close(): void;
}

/**
 * A socket that brought an answer is kept for a while: to a device, requests from a new port come from somebody new, for whom it
 * may have to keep state.
 */
const keptForMs = 30_000;
const maxKept = 1_000;

interface Kept {
  readonly peer: CoapPeer;
  readonly timer: Timer;
}

export function createPeers(): CoapPeers {
  const keptByAddress = new Map<string, Set<Kept>>();
  // One outstanding request to an endpoint (RFC 7252, section 4.7: NSTART).
  const turns = createTurns();
  let count = 0;
  let isClosed = false;

  function keep(address: string, peer: CoapPeer): void {
    const others = keptByAddress.get(address) ?? new Set();
    const kept = { peer, timer: startTimer(() => discard(address, kept), keptForMs).unref() };
    keptByAddress.set(address, others.add(kept));
    count++;
  }

  function takeOut(address: string, kept: Kept): void {
    const all = keptByAddress.get(address);
    if (!all?.delete(kept)) return;
    if (all.size === 0) keptByAddress.delete(address);
    kept.timer.clear();
    count--;
  }

  function discard(address: string, kept: Kept): void {
    takeOut(address, kept);
    kept.peer.close();
  }

  function discardPeer(address: string, peer: CoapPeer): void {
    for (const kept of keptByAddress.get(address) ?? []) {
      if (kept.peer === peer) discard(address, kept);
    }
  }

  async function take(address: string, request: CoapRequest): Promise<CoapPeer> {
    const [kept] = keptByAddress.get(address) ?? [];
    if (kept !== undefined) {
      takeOut(address, kept);
      return kept.peer;
    }
    const peer: CoapPeer = await openPeer(request, () => discardPeer(address, peer));
    return peer;
  }

  return {
    async exchange(request, limits) {
      const address = `${request.host} ${request.port}`;
      const endTurn = await turns.take(address, limits.stop);
      if (endTurn === undefined) return undefined;
      // Thousands of devices may be due together.
      await paced();
      limits.onTurn();
      let peer: CoapPeer;
      try {
        peer = await take(address, request);
      } catch (error) {
        endTurn();
        return failed(error);
      }
      let isAnswered = false;
      try {
        const outcome = limits.stop.aborted
          ? undefined
          : await peer.exchange(request, { ...limits, onHeard: endTurn });
        isAnswered = outcome?.kind === 'answered';
        return outcome;
      } finally {
        endTurn();
        if (isAnswered && count < maxKept && !isClosed) keep(address, peer);
        else peer.close();
      }
    },
    close() {
      isClosed = true;
      for (const [address, all] of keptByAddress) {
        for (const kept of all) discard(address, kept);
      }
    },
  };
}

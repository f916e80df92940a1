import type { Server } from 'coap';

/**
 * Answers that are kept for requests that come twice (RFC 7252, section 4.5), in bytes. The smallest answers have 5 bytes: this bounds
 * them to 26,000, about 10 MB.
 */
export const maxKeptAnswerBytes = 128 * 1024;

/** An answer as node-coap 1.5.0 keeps it: its bytes, and the means to send them. */
interface KeptAnswer extends Buffer {
  /** Repeats a confirmable answer, and has a timer of 202 s for any other. */
  sender?: { reset(): void };
  /** The stream of a device that observes. */
  response?: unknown;
}

/**
 * Makes node-coap's server keep the bytes alone of an answer that it does not repeat by itself. It would keep a sender with its timer, the
 * request and the stream of the answer, 4 to 6 kB, and a server that is flooded grows by hundreds of megabytes.
 */
export function keepBytesAlone({ _lru: kept }: Server): void {
  const set = kept.set.bind(kept);
  kept.set = (key, answer: KeptAnswer, options) => {
    if (isConfirmable(answer) || answer.response !== undefined) return set(key, answer, options);
    // It has its sender, and was sent, at the end of this turn.
    queueMicrotask(() => answer.sender?.reset());
    return set(key, copyOf(answer), options);
  };
}

function isConfirmable(message: Buffer): boolean {
  return ((message[0] ?? 0) & 0x30) === 0;
}

/** A copy outside Node's pool: the bound counts the bytes of the whole memory behind a buffer. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

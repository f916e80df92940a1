/** The outcome of a request. */
export type ExchangeOutcome =
  | { readonly kind: 'answered'; readonly answer: CoapAnswer }
  /** The request could not be made, and would not be another time. */
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly unreachable: boolean };

export interface CoapAnswer {
  /** For example `2.04`; `0.00` for a reset. */
  readonly code: string;
  readonly contentType: string | number | undefined;
  readonly maxAgeSeconds: number | undefined;
  /** The Echo option (RFC 9175, section 2.2), by which a device asks whether the request is fresh. */
  readonly echo?: Buffer;
  /** Of the Block1 option of an error: 0 for blocks of 16 bytes, 6 for 1,024 (RFC 7959, section 2.2). */
  readonly blockExponent?: number;
  readonly payload: Buffer;
}

/** Faults of this host, that say nothing about the device. */
const ownFaults = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'];

/** The system could not send, or learned that no peer listens. */
export function failed(error: unknown): ExchangeOutcome {
  const isOwn = isOfSystem(error) && ownFaults.includes(error.code);
  return { kind: 'failed', reason: `the device cannot be reached: ${String(error)}`, unreachable: !isOwn };
}

/** The device is there, and what it sends is no answer. */
export function unusable(reason: string): ExchangeOutcome {
  return { kind: 'failed', reason, unreachable: false };
}

/** Errors of node-coap before it sends, or of the system when it sends. */
export function unsent(error: unknown): ExchangeOutcome {
  if (isOfSystem(error)) return failed(error);
  return { kind: 'unfit', reason: `the command does not fit into a CoAP request: ${String(error)}` };
}

function isOfSystem(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** Why the connection ended: `sure` if the broker blamed a packet, `possible` if it said nothing. */
export type Blame = 'sure' | 'possible';

/** So many times without a reason, each time with this message alone in flight: networks and brokers fail as well. */
const strikesWithoutReason = 3;

/**
 * Finds the message for which a broker ends the connection, with all others in flight on it. Those that were in flight are sent again: first one,
 * then more with each that the broker takes. A message that was alone in flight when the connection ended again is the culprit.
 */
export interface Suspects<Message extends object> {
  /** The connection ended with these in flight. Returns the culprit, once it is known. */
  accuse(inFlight: readonly Message[], blame: Blame): Message | undefined;
  /** The broker took the message, or it is not sent any more. */
  acquit(message: Message): void;
  /** Returns how many messages may be in flight. */
  room(): number;
}

export function createSuspects<Message extends object>(): Suspects<Message> {
  const strikes = new WeakMap<Message, number>();
  let suspects = new Set<Message>();
  let probe = 1;

  return {
    accuse(inFlight, blame) {
      const [only] = inFlight.length === 1 ? inFlight : [];
      suspects = new Set(inFlight);
      probe = 1;
      if (only === undefined) return undefined;
      const count = (strikes.get(only) ?? 0) + (blame === 'sure' ? strikesWithoutReason : 1);
      strikes.set(only, count);
      if (count < strikesWithoutReason) return undefined;
      suspects.clear();
      return only;
    },
    acquit(message) {
      if (suspects.delete(message)) probe += 1;
    },
    room: () => (suspects.size === 0 ? Number.POSITIVE_INFINITY : probe),
  };
}

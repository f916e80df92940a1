import type { Protocol, RequiredEvidence } from '@preservarium/core';
import type { AwaitedState } from './reached.js';

/** How a command of a protocol ends well. */
export interface CommandEnd {
  /** The state, with its evidence. */
  readonly ends: string;
  /** The states that a caller can wait for; another one may never come. */
  readonly awaitable: readonly AwaitedState[];
}

const upToDelivered: readonly AwaitedState[] = ['published', 'dispatched', 'delivered'];
const upToSucceeded: readonly AwaitedState[] = [...upToDelivered, 'succeeded'];
const reported: CommandEnd = { ends: '`succeeded` or `failed` (executed)', awaitable: upToSucceeded };

/** The ends of commands, by protocol and required evidence. The table in `docs/states.md` is made from this. */
export const commandEnds: Readonly<
  Record<'mqtt' | 'coap' | 'http', Readonly<Record<RequiredEvidence, CommandEnd>>>
> = {
  // A device may report the result of any command.
  mqtt: {
    gateway: { ends: '`delivered` (gateway)', awaitable: upToSucceeded },
    device: { ends: '`delivered` (device)', awaitable: upToSucceeded },
    executed: reported,
  },
  // A polling device may acknowledge with a result.
  coap: {
    gateway: { ends: '`delivered` (device)', awaitable: upToSucceeded },
    device: { ends: '`delivered` (device)', awaitable: upToSucceeded },
    executed: reported,
  },
  // A 2xx proves no execution.
  http: {
    gateway: { ends: '`delivered` (gateway; device with `HTTP_EVIDENCE=device`)', awaitable: upToDelivered },
    device: { ends: '`delivered` (device)', awaitable: upToDelivered },
    executed: reported,
  },
};

/** Returns the end of a command; undefined for a protocol that is not known here. @param evidence default `gateway` */
export function endOf(protocol: Protocol, evidence: RequiredEvidence = 'gateway'): CommandEnd | undefined {
  return Object.hasOwn(commandEnds, protocol) ? commandEnds[protocol as 'mqtt'][evidence] : undefined;
}

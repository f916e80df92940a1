import { SubscriptionFailedError } from '@preservarium/core';
import type { ConnectorEnd } from '../connector-end.js';
import { pause } from '../pause.js';
import type { CommandLedger } from '../pending-command.js';
import type { Ledgers } from './ledgers.js';

/** How long a connector whose partition another one owns waits for the group to take it away. */
const lostMs = 60_000;

export interface LostPartitionOptions {
  readonly ledgers: Pick<Ledgers, 'of'>;
  readonly commandTopic: string;
  readonly groupId: string;
  readonly end: Pick<ConnectorEnd, 'closing' | 'isClosing' | 'fail'>;
}

/** Ends the connector if the group does not take away a partition that another connector owns: nobody would deliver its commands. */
export async function failUnlessRevoked(
  lost: CommandLedger,
  { ledgers, commandTopic, groupId, end }: LostPartitionOptions,
): Promise<void> {
  const { partition } = lost;
  await pause(lostMs, end.closing);
  if (end.isClosing() || ledgers.of(partition) !== lost) return;
  end.fail(
    new SubscriptionFailedError(
      `another connector owns partition ${partition} of "${commandTopic}", and group ${groupId} does not take it away: start this connector again`,
    ),
  );
}

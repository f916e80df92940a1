import type { Conclusion } from '../outcome/conclusion.js';
import type { CommandLedger, CommandTarget } from '../pending-command.js';

/** Returns the end of a command that is cancelled, with who did it; undefined where nobody cancels it. */
export function cancelledEnd(ledger: CommandLedger, target: CommandTarget): Conclusion | undefined {
  const cancellation = ledger.cancellationOf(target);
  if (cancellation === undefined) return undefined;
  const { issuedBy } = cancellation;
  return { state: 'cancelled', ...(issuedBy !== undefined && { reason: `by ${issuedBy}` }) };
}

import type { DecodeRecord } from '../intake/decode-record.js';
import type { WaitingCommand } from '../ledger/waiting-store.js';
import type { RecordProblem } from '../outcome/conclusion.js';
import type { CommandLedger, PendingCommand } from '../pending-command.js';

/** Returns the command of the store to be delivered, or why it cannot be read. */
export function pendingOf(
  command: WaitingCommand,
  ledger: CommandLedger,
  decode: DecodeRecord,
): { readonly pending: PendingCommand } | { readonly problem: RecordProblem } {
  const { record, attempts, sinceMs, isRedriven } = command;
  const decoded = decode(record);
  if (decoded.kind === 'poison') return decoded;
  return {
    pending: {
      command: decoded.command,
      record,
      ledger,
      channel: command.channel,
      attempts: { ...attempts },
      knownAttempts: attempts.started,
      waitingSinceMs: sinceMs,
      mayBeRepeat: ledger.isWaitingRepeat(command),
      isRedriven,
      hasLeft: true,
    },
  };
}

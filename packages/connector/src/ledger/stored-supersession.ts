import type { SQLInputValue } from 'node:sqlite';
import type { GuardedStatements } from './guarded-statements.js';
import type { WaitingStatement } from './waiting-statements.js';
import type { WaitingCommands } from './waiting-store.js';

interface Terms {
  readonly offset: number;
  readonly device: number;
  readonly request_id: string;
  readonly supersede_key: string | null;
  readonly issued_at_ms: number;
  readonly is_redriven: number;
}

/** Returns the `supersede` of a store. */
export function createStoredSupersession({ get, run }: GuardedStatements): WaitingCommands['supersede'] {
  function termsOf(name: WaitingStatement, ...values: SQLInputValue[]): Terms | undefined {
    return get(name, ...values) as Terms | undefined;
  }

  return (offset) => {
    const own = termsOf('terms', offset);
    if (own === undefined || own.supersede_key === null) return undefined;
    const { device, supersede_key: key } = own;
    const older = termsOf('olderOfKey', device, key, offset);
    const newer = termsOf('newerOfKey', device, key, offset);
    let superseded: number | undefined;
    const replace = (replaced: Terms, by: Terms) => {
      if (run('supersede', by.request_id, replaced.offset) !== 0) superseded ??= replaced.offset;
    };
    if (newer !== undefined) {
      if (isOutdated(newer, own)) replace(newer, own);
      else replace(own, newer);
    }
    if (older !== undefined) {
      if (isOutdated(own, older)) replace(own, older);
      else replace(older, own);
    }
    return superseded;
  };
}

/** Of two with one supersede key, the later one replaces the other, unless it was only sent again after that. */
function isOutdated(later: Terms, earlier: Terms): boolean {
  return later.is_redriven === 1 && later.issued_at_ms < earlier.issued_at_ms;
}

import {
  type ConsumedRecord,
  createSignatureCounter,
  type RecordVerifier,
  type Refusal,
  type SignatureCounts,
} from '@preservarium/backend';
import type { ReadSettings } from './read-record.js';

/** The signatures that records of desired settings need. */
export interface SettingsSignatures {
  /** Says whose signature it is: `createRecordVerifier` of `@preservarium/signing`. All programs that read the settings need the same keys and policy. */
  readonly verifier: RecordVerifier;
  /** `enforce`: records with a refused signature do not count. `report`: they count, and are logged and counted. Default `enforce`. */
  readonly mode?: 'report' | 'enforce';
}

export interface SettingsSignatureCheck {
  readonly isEnforced: boolean;
  /** Returns why a record has not the signature that it needs. It depends on the record alone, so that all readers agree. */
  refusalOf(record: SettingsRecord, read: ReadSettings): Refusal | undefined;
  /** Does the same for a record that was read, and counts it. */
  judge(record: SettingsRecord, read: ReadSettings): Refusal | undefined;
  /** Returns a text that is another one where a record may have another verdict; undefined where verdicts must not be kept. */
  identity(): string | undefined;
  /** Returns the records since the start, by what their signatures said. */
  counts(): SignatureCounts;
}

type SettingsRecord = Pick<ConsumedRecord, 'topic' | 'key' | 'value' | 'headers'> & {
  /** Undefined before the record is in the topic. */
  readonly offset?: number;
};

/** Returns a check that finds nothing wrong where no signatures are needed. */
export function createSettingsSignatureCheck(
  signatures: SettingsSignatures | undefined,
): SettingsSignatureCheck {
  const counter = createSignatureCounter();
  const verifier = signatures?.verifier;

  const check: SettingsSignatureCheck = {
    isEnforced: signatures !== undefined && signatures.mode !== 'report',
    refusalOf(record, read) {
      if (verifier === undefined) return undefined;
      if (read.kind === 'tombstone') {
        const message = 'a record without a value cannot be signed: replace the settings by {} instead';
        return { reason: 'unsigned', message };
      }
      const { deviceId, requestId, baseVersion, settings } = read.settings;
      const found = verifier.verify(record, {
        kind: 'settings',
        deviceId,
        requestId,
        settings: Object.keys(settings),
      });
      if (!found.ok) return found.refusal;
      const problem = problemOfBase(baseVersion, record.offset);
      return problem === undefined ? undefined : { reason: 'replayed', message: problem };
    },
    judge(record, read) {
      const refusal = check.refusalOf(record, read);
      if (verifier !== undefined) counter.count(refusal);
      return refusal;
    },
    identity() {
      if (verifier === undefined) return 'none';
      // Before they enforce, operators look at the counts: each start judges all records.
      return check.isEnforced ? verifier.identity?.() : undefined;
    },
    counts: counter.counts,
  };
  return check;
}

/** The rule of versions refuses copies of older documents; it needs a version that the topic has. */
function problemOfBase(
  baseVersion: number | undefined,
  offset = Number.POSITIVE_INFINITY,
): string | undefined {
  if (baseVersion === undefined) {
    return 'the document has no base_version, so a copy of it would count at any time: write it with createSettings';
  }
  if (baseVersion < offset) return undefined;
  return `the document was made from version ${baseVersion}, and has the offset ${offset}: it is of another topic`;
}

import {
  type ConsumedRecord,
  createRateLimitedLog,
  createSignatureCounter,
  type Logger,
  type RecordSigner,
  type RecordVerifier,
  type Refusal,
  type SignatureCounts,
  type SignedContent,
} from '@preservarium/backend';
import {
  assertDurations,
  type Cancellation,
  type CommandMessage,
  ConfigurationError,
} from '@preservarium/core';
import type { SeenSignatures } from '../ledger/seen-signatures.js';

/** `report` counts and logs what `enforce` refuses. */
export type SignatureMode = 'report' | 'enforce';

export interface SignatureOptions {
  /** Says whose signature it is: `createRecordVerifier` of `@preservarium/signing`. */
  readonly verifier: RecordVerifier;
  /** Default `enforce`. */
  readonly mode?: SignatureMode;
  /** Signs the commands by which the connector brings settings to devices. `enforce` with `settings` needs it. */
  readonly sign?: RecordSigner | undefined;
  /**
   * How much later than newer ones of its partition a signed command may reach Kafka, in milliseconds: more than the deadline of a push and the
   * difference of the senders' clocks. So long, signatures are remembered. Default 300,000.
   */
  readonly maxDelayMs?: number;
}

/** Decides whether a record has the signature that it needs. */
export interface SignatureCheck {
  /** A command that is read from the command topic. @param partitionOfDevice undefined while it is unknown */
  atIntake(
    record: ConsumedRecord,
    command: CommandMessage,
    partitionOfDevice: number | undefined,
  ): Refusal | undefined;
  /** A command that waited, whose record was kept in the changelog and the store. */
  atReturn(record: ConsumedRecord, command: CommandMessage): Refusal | undefined;
  cancellation(record: ConsumedRecord, cancellation: Cancellation): Refusal | undefined;
  /** Since the start; a command that waits is counted again when it is read back. */
  counts(): SignatureCounts;
}

export interface SignatureCheckOptions {
  /** Undefined: nothing is checked. */
  readonly signatures: SignatureOptions | undefined;
  readonly seen: SeenSignatures;
  /** How long a command may wait after its signature was taken. */
  readonly maxWaitMs: number;
  readonly logger: Logger;
}

/** @throws ConfigurationError for a connector that would refuse its own commands */
export function assertSignable({
  settings,
  signatures,
}: {
  readonly settings?: unknown;
  readonly signatures?: SignatureOptions | undefined;
}): void {
  assertDurations({ 'signatures.maxDelayMs': signatures?.maxDelayMs });
  const { mode = 'enforce', sign } = signatures ?? { mode: 'report' };
  if (settings === undefined || sign !== undefined || mode !== 'enforce') return;
  throw new ConfigurationError(
    'signatures are required and settings are brought to devices by commands that are not signed: give signatures.sign a key of the connector',
  );
}

export function maxDelayOf({ maxDelayMs = 300_000 }: Pick<SignatureOptions, 'maxDelayMs'>): number {
  return maxDelayMs;
}

const none: SignatureCheck = {
  atIntake: () => undefined,
  atReturn: () => undefined,
  cancellation: () => undefined,
  counts: createSignatureCounter().counts,
};

export function createSignatureCheck(options: SignatureCheckOptions): SignatureCheck {
  const { signatures, seen, maxWaitMs, logger } = options;
  if (signatures === undefined) return none;
  const { verifier, mode = 'enforce' } = signatures;
  const maxDelayMs = maxDelayOf(signatures);
  const warnings = createRateLimitedLog(logger);
  const counter = createSignatureCounter();

  function judge(record: ConsumedRecord, refusal: Refusal | undefined): Refusal | undefined {
    counter.count(refusal);
    if (refusal === undefined) return undefined;
    const { topic, partition, offset } = record;
    warnings.warn(
      mode === 'enforce'
        ? 'a record is refused for its signature'
        : 'a record would be refused for its signature',
      { topic, partition, offset, ...refusal },
    );
    return mode === 'enforce' ? refusal : undefined;
  }

  function problemAtIntake(
    record: ConsumedRecord,
    command: CommandMessage,
    partitionOfDevice: number | undefined,
  ): Refusal | undefined {
    const found = verifier.verify(record, contentOf(command));
    if (!found.ok) return found.refusal;
    const { partition, offset } = record;
    // Each partition remembers its own signatures: a copy on another one would be news there.
    if (partitionOfDevice !== undefined && partitionOfDevice !== partition) {
      return replayed(`partition ${partition} is not that of the device, ${partitionOfDevice}`);
    }
    const { digest, issuedAtMs } = found.signature;
    return replayed(seen.take({ partition, offset, digest, issuedAtMs }, maxDelayMs));
  }

  function problemAtReturn(record: ConsumedRecord, command: CommandMessage): Refusal | undefined {
    const found = verifier.verify(record, contentOf(command), { graceMs: maxWaitMs });
    if (!found.ok) return found.refusal;
    const { partition, offset } = record;
    return replayed(seen.find({ partition, offset, digest: found.signature.digest }));
  }

  return {
    atIntake: (record, command, partitionOfDevice) =>
      judge(record, problemAtIntake(record, command, partitionOfDevice)),
    atReturn: (record, command) => judge(record, problemAtReturn(record, command)),
    cancellation(record, { deviceId, requestId }) {
      const found = verifier.verify(record, { kind: 'cancel', deviceId, requestId });
      return judge(record, found.ok ? undefined : found.refusal);
    },
    counts: counter.counts,
  };
}

function contentOf({ deviceId, requestId, commandType, payload }: CommandMessage): SignedContent {
  return { kind: 'command', deviceId, requestId, commandType, payload };
}

function replayed(message: string | undefined): Refusal | undefined {
  return message === undefined ? undefined : { reason: 'replayed', message };
}

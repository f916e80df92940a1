import { randomUUID } from 'node:crypto';
import type { PublishRecord } from '@preservarium/backend';
import { type ChangelogPlace, claimRecord } from './changelog.js';
import { type Claim, nextClaim } from './claims.js';

/** Long before retention could remove them, what the next owner must read is written anew. */
const renewalIntervalMs = 24 * 3600_000;

/** The claims that one connector writes for a partition. */
export interface ClaimWriter {
  /** Where records are written, under the claim of this connector; that is empty until it owns the partition. */
  readonly place: ChangelogPlace;
  /** Returns true for a claim that was written here. */
  isOwn(claimId: string): boolean;
  claim(): void;
  /** A claim that was written here is the newest valid one. */
  read(claimId: string): void;
  /** The partition is owned under this claim. */
  own(claimId: string): void;
  /** Claims the partition anew, unless a claim is on its way that does so. */
  renew(): void;
  /** Renews nothing any more. */
  stop(): void;
}

export interface ClaimWriterOptions extends Omit<ChangelogPlace, 'claimId'> {
  readonly protocol: string;
  readonly commandTopic: string;
  readonly clock: () => number;
  append(record: PublishRecord): Promise<void>;
  /** Returns the newest valid claim. */
  newestClaim(): Claim;
  isOwned(): boolean;
  /** Records are under the new claim from now on. */
  onRenewed(): void;
}

export function createClaimWriter(options: ClaimWriterOptions): ClaimWriter {
  const { partition, groupId, waitingTopic, protocol, commandTopic, clock } = options;
  const ownIds = new Set<string>();
  let place: ChangelogPlace = { waitingTopic, partition, groupId, claimId: '' };
  /** A claim that this owner has written anew and not read yet. */
  let renewalId: string | undefined;
  let renewalTimer: NodeJS.Timeout | undefined;

  function write(claimId: string): void {
    ownIds.add(claimId);
    const claim = nextClaim(claimId, options.newestClaim(), clock());
    void options.append(claimRecord(place, claim, { commandTopic, protocol }));
  }

  function renew(): void {
    if (!options.isOwned() || renewalId !== undefined) return;
    renewalId = randomUUID();
    write(renewalId);
    place = { ...place, claimId: renewalId };
    options.onRenewed();
    scheduleRenewal();
  }

  function scheduleRenewal(): void {
    clearTimeout(renewalTimer);
    renewalTimer = setTimeout(renew, renewalIntervalMs).unref();
  }

  return {
    get place() {
      return place;
    },
    isOwn: (claimId) => ownIds.has(claimId),
    claim: () => write(randomUUID()),
    read(claimId) {
      if (claimId === renewalId) renewalId = undefined;
    },
    own(claimId) {
      place = { ...place, claimId };
      scheduleRenewal();
    },
    renew,
    stop: () => clearTimeout(renewalTimer),
  };
}

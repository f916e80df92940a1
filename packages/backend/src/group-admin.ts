/** Describes consumer groups, which not every client can. */
export interface GroupAdmin {
  /**
   * Returns the groups that have committed offsets of each of these topics, sorted by id; those without members too. Rejects with `AUTHORIZATION_FAILED`,
   * `BACKEND_UNAVAILABLE` or `CLOSED`.
   */
  groupsOf(topics: readonly string[]): Promise<readonly GroupDescription[]>;
}

export interface GroupDescription {
  readonly groupId: string;
  /** Sorted by id. */
  readonly members: readonly MemberDescription[];
}

export interface MemberDescription {
  /** As the brokers name it. */
  readonly memberId: string;
  /** `clientId` of its client. */
  readonly clientId: string;
  /** Address from which it is connected, as the brokers write it. */
  readonly host: string;
  /** By topic, in rising order. Empty while the group divides its partitions. */
  readonly partitions: Readonly<Record<string, readonly number[]>>;
}

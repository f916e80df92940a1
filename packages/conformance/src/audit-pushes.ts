/** One push, and the acknowledgement that its caller received. */
export interface AuditedPush {
  readonly deviceId: string;
  /** Rises with each push for the device, in the order in which the pushes were called. */
  readonly sequence: number;
  readonly acknowledged: boolean;
}

/** A record of a topic, reduced to which push it came from. */
export interface AuditedRecord {
  readonly deviceId: string;
  readonly sequence: number;
}

export interface PushAudit {
  readonly acknowledged: number;
  /** Acknowledged, and not in the topic. */
  readonly missing: number;
  /** Records of a push that is in the topic already. */
  readonly repeated: number;
  /** Acknowledged pushes that are in the topic after a later acknowledged one of the same device. */
  readonly outOfOrder: number;
}

/**
 * Compares the outcomes of the callers with the records of a topic.
 *
 * @param records all records of the topic; those of one device in the order of the log
 */
export function auditPushes(pushes: Iterable<AuditedPush>, records: Iterable<AuditedRecord>): PushAudit {
  const acknowledged = new Set<string>();
  for (const push of pushes) if (push.acknowledged) acknowledged.add(pushId(push));

  const seen = new Set<string>();
  const latestOfDevice = new Map<string, number>();
  let missing = acknowledged.size;
  let repeated = 0;
  let outOfOrder = 0;
  for (const record of records) {
    const id = pushId(record);
    if (seen.has(id)) {
      repeated++;
      continue;
    }
    seen.add(id);
    if (!acknowledged.has(id)) continue;
    missing--;
    const latest = latestOfDevice.get(record.deviceId) ?? Number.NEGATIVE_INFINITY;
    if (record.sequence < latest) outOfOrder++;
    else latestOfDevice.set(record.deviceId, record.sequence);
  }
  return { acknowledged: acknowledged.size, missing, repeated, outOfOrder };
}

function pushId({ deviceId, sequence }: AuditedRecord): string {
  return `${sequence}@${deviceId}`;
}

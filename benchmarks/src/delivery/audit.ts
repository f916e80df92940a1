/** The outcome of the commands of a run. */
export interface Audit {
  readonly missing: number;
  /** No fault: what is promised is at least once. */
  readonly repeated: number;
  readonly outOfOrder: number;
}

export function isFaultless({ missing, outOfOrder }: Audit): boolean {
  return missing === 0 && outOfOrder === 0;
}

/** Empty where there is nothing to say. */
export function describeAudit({ missing, repeated, outOfOrder }: Audit): string {
  if (missing + repeated + outOfOrder === 0) return '';
  return `; ${missing} missing, ${repeated} repeated, ${outOfOrder} out of order`;
}

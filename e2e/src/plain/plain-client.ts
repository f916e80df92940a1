import type { AuditedPush, AuditedRecord } from '@preservarium/conformance';

/** Pushes with a client as its documentation shows it, while `disturb` runs, and tells what was acknowledged. */
export type PlainClient = (options: {
  readonly brokers: readonly string[];
  readonly topic: string;
  disturb(): Promise<void>;
}) => Promise<readonly AuditedPush[]>;

const devices = 100;

/** Pushes go round the devices, each of which has its own order. */
export function numberedPush(number: number): AuditedRecord {
  return { deviceId: `device-${number % devices}`, sequence: Math.floor(number / devices) };
}

export function recordValue({ sequence }: AuditedRecord): string {
  return `${sequence} `.padEnd(300, 'x');
}

export function sequenceOf(value: Buffer | null): number {
  return Number.parseInt(String(value), 10);
}

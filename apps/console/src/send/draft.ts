import { useSearchParams } from 'wouter';

/** A command that is being written. */
export interface Draft {
  readonly device: string;
  readonly type: string;
  readonly protocol: string;
  /** JSON of the payload. */
  readonly payload: string;
  /** Seconds until it expires; empty for never. */
  readonly expiresIn: string;
  readonly evidence: string | null;
  readonly supersedeKey: string;
}

/** Returns a draft for the device and the type that the address names. */
export function useFirstDraft(): Draft {
  const [search] = useSearchParams();
  return {
    device: search.get('device') ?? '',
    type: search.get('type') ?? '',
    protocol: search.get('protocol') ?? 'mqtt',
    payload: '{}',
    expiresIn: '',
    evidence: null,
    supersedeKey: '',
  };
}

/** Returns what is wrong with the time until the command expires; undefined if nothing is. */
export function expiryProblemOf({ expiresIn }: Draft): string | undefined {
  return /^([1-9]\d{0,8})?$/.test(expiresIn) ? undefined : 'must be a whole number of seconds above 0';
}

/** Returns the body of the push. The payload stays as it is written, with all digits of its numbers. */
export function bodyOf(draft: Draft, nowMs: number): string {
  const seconds = Number(draft.expiresIn);
  const fields = {
    device_id: draft.device,
    command_type: draft.type,
    protocol: draft.protocol,
    expires_at: draft.expiresIn === '' ? undefined : new Date(nowMs + seconds * 1_000).toISOString(),
    required_evidence: draft.evidence ?? undefined,
    supersede_key: draft.supersedeKey || undefined,
  };
  return `${JSON.stringify(fields).slice(0, -1)},"payload":${draft.payload}}`;
}

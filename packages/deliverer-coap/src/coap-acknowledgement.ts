import type { DeviceReport } from '@preservarium/connector';
import { type JsonValue, ValidationError } from '@preservarium/core';

/** What a device that polls says about a command. */
export type CoapAcknowledgement = Pick<DeviceReport, 'state' | 'reason' | 'result'>;

const states = ['delivered', 'succeeded', 'failed', 'rejected'] as const;

/**
 * Reads the body of an acknowledgement: nothing, which means delivered, or `{"status": …, "reason": …, "result": …}` in JSON,
 * everything optional.
 *
 * @throws ValidationError
 */
export function parseAcknowledgement(body: Buffer): CoapAcknowledgement {
  if (body.length === 0) return { state: 'delivered' };
  const { status = 'delivered', reason, result } = parseObject(body);
  const state = states.find((known) => known === status);
  if (state === undefined) throw invalid('status', `must be one of ${states.join(', ')}`);
  if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', 'must be text');
  return { state, ...(reason !== undefined && { reason }), ...(result !== undefined && { result }) };
}

function parseObject(body: Buffer): Readonly<Record<string, JsonValue | undefined>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw invalid('', 'must be JSON in UTF-8', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid('', 'must be an object');
  return parsed as Record<string, JsonValue>;
}

function invalid(path: string, message: string, cause?: unknown): ValidationError {
  return new ValidationError('acknowledgement', [{ path, message }], { cause });
}

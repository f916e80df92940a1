import { cutText, exactMember, ValidationError } from '@preservarium/core';
import { type DeviceReport, deviceResult } from '@preservarium/deliverer';
import { parseJsonObject } from './coap-json-object.js';

/** The report of a polling device about a command. */
export type CoapAcknowledgement = Pick<DeviceReport, 'state' | 'reason' | 'result'>;

const states = ['delivered', 'succeeded', 'failed', 'rejected'] as const;

/**
 * Reads the body of an acknowledgement: nothing, which means delivered, or `{"status": …, "reason": …, "result": …}` in JSON,
 * everything optional. A result that no event can carry is left out, which the reason says.
 *
 * @throws ValidationError
 */
export function parseAcknowledgement(body: Buffer): CoapAcknowledgement {
  if (body.length === 0) return { state: 'delivered' };
  const said = parseJsonObject('acknowledgement', body);
  const { status = 'delivered', reason } = said;
  const state = states.find((known) => known === status);
  if (state === undefined) throw invalid('status', `must be one of ${states.join(', ')}`);
  if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', 'must be text');
  return { state, ...deviceResult(exactMember(said, 'result'), reason && cutText(reason)) };
}

function invalid(path: string, message: string): ValidationError {
  return new ValidationError('acknowledgement', [{ path, message }]);
}

import {
  exactMember,
  fitJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseExactJson,
} from '@preservarium/core';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export type ParsedDeviceJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** The answer of a device to a command, as fields of a `DeliveryResult` or a `DeviceReport`. */
export interface DeviceResult {
  readonly result?: JsonValue;
  readonly reason?: string;
}

export type SettingsPatch =
  | { readonly ok: true; readonly patch: JsonObject }
  | { readonly ok: false; readonly problem: string };

/**
 * Parses JSON in UTF-8. Never throws. The value may be nested to any depth: pass it to {@link deviceResult}. Numbers in it keep their
 * text; a number alone is text where a number of JavaScript does not hold all its digits.
 */
export function parseDeviceJson(bytes: Uint8Array | string): ParsedDeviceJson {
  try {
    const text = typeof bytes === 'string' ? bytes : utf8.decode(bytes);
    const value = parseExactJson(text);
    if (typeof value !== 'number') return { ok: true, value };
    return { ok: true, value: exactMember(parseExactJson(`[${text}]`) as object, '0') };
  } catch {
    return { ok: false };
  }
}

/**
 * Returns the value as `result` if a lifecycle event can carry it, otherwise a `reason` that says why it is omitted: any
 * answer of a device proves that it has the command. Never throws.
 *
 * @param value undefined where the device answered nothing
 * @param reason what the device itself gives as the reason
 */
export function deviceResult(value: unknown, reason?: string): DeviceResult {
  const said = reason === undefined ? {} : { reason };
  if (value === undefined) return said;
  const fitted = fitJson(value);
  return fitted.fits ? { ...said, result: fitted.value } : resultLeftOut(fitted.problem, reason);
}

/** Returns the fields of an answer whose result cannot be kept, and says why. */
export function resultLeftOut(problem: string, reason?: string): DeviceResult {
  const leftOut = `result left out: ${problem}`;
  return { reason: reason === undefined ? leftOut : `${reason}; ${leftOut}` };
}

/** Reads what a device reports of its settings: a JSON object in UTF-8 of at most 64 levels. Never throws. */
export function readSettingsPatch(
  bytes: Uint8Array | string,
  { maxBytes }: { readonly maxBytes: number },
): SettingsPatch {
  if (bytes.length > maxBytes) {
    return { ok: false, problem: `it has ${bytes.length} bytes, the limit is ${maxBytes}` };
  }
  const parsed = parseDeviceJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) {
    return { ok: false, problem: 'it must be a JSON object in UTF-8' };
  }
  const fitted = fitJson(parsed.value);
  if (!fitted.fits) return { ok: false, problem: fitted.problem };
  return { ok: true, patch: fitted.value as JsonObject };
}

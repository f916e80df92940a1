import { isJsonObject, parseJson } from '@preservarium/core';
import { InvalidArgumentError } from 'commander';

/** Parses an argument that is a JSON object. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = parse(text);
  if (isJsonObject(value)) return value;
  throw new InvalidArgumentError(`Give a JSON object, for example '{"state":"on"}'.`);
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(`It is not JSON (${reason}). Quote it for the shell: '{"state":"on"}'.`);
  }
}

/** Parses the payload of a command: any JSON. A value that is no object becomes the `$value` of one, as it is written. */
export function parsePayload(text: string): Readonly<Record<string, unknown>> {
  const value = parse(text);
  return isJsonObject(value) ? value : parseJsonObject(`{"$value":${text}}`);
}

/** Parses a whole number, which may be negative. */
export function parseInteger(text: string): number {
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}

/** Parses a whole number from 1. */
export function parseCount(text: string): number {
  const count = parseInteger(text);
  if (count >= 1) return count;
  throw new InvalidArgumentError('Give a whole number from 1.');
}

/** Collects `name=value` from a repeatable option. */
export function collectSettings(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('Give name=value, for example retention.ms=86400000.');
  }
  return { ...previous, [name]: value };
}

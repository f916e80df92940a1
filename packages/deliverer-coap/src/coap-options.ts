import { type JsonValue, ValidationError } from '@preservarium/core';
import { contentFormatOf } from './coap-content-format.js';

/** Options that a command may add to its request. */
export interface CoapOptions {
  readonly accept?: number;
  readonly contentFormat?: number;
  readonly queries: readonly string[];
}

const maxQueryBytes = 255;
const allowed = 'allowed are Accept, Content-Format and Uri-Query';

/**
 * Reads `metadata.options` of a command: `Accept` and `Content-Format`, as a number or a media type, and `Uri-Query`, as text or
 * a list of texts. Names may be written `content_format` as well.
 *
 * @throws ValidationError for any other option: one that is left out in silence would change what the device is asked for, and
 *   those that carry an address are not a command's business
 */
export function parseCoapOptions(options: JsonValue | undefined): CoapOptions {
  if (options === undefined || options === null) return { queries: [] };
  if (typeof options !== 'object' || Array.isArray(options)) throw unfit('', 'must be an object');
  let parsed: CoapOptions = { queries: [] };
  for (const [name, value] of Object.entries(options)) {
    switch (name.toLowerCase().replaceAll('_', '-')) {
      case 'accept':
        parsed = { ...parsed, accept: readFormat(name, value) };
        break;
      case 'content-format':
        parsed = { ...parsed, contentFormat: readFormat(name, value) };
        break;
      case 'uri-query':
        parsed = { ...parsed, queries: readQueries(name, value) };
        break;
      default:
        throw unfit(name, `is not for a command to set; ${allowed}`);
    }
  }
  return parsed;
}

function readFormat(name: string, value: JsonValue | undefined): number {
  if (typeof value === 'string') return contentFormatOf(value);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw unfit(name, 'must be a media type or a number from 0 to 65535');
}

function readQueries(name: string, value: JsonValue | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).map((query) => {
    if (typeof query === 'string' && query.isWellFormed() && Buffer.byteLength(query) <= maxQueryBytes)
      return query;
    throw unfit(name, `must be text, or a list of texts, of at most ${maxQueryBytes} bytes`);
  });
}

function unfit(name: string, message: string): ValidationError {
  const path = name === '' ? 'metadata.options' : `metadata.options.${name}`;
  return new ValidationError('command', [{ path, message }]);
}

import { ValidationError } from '@preservarium/core';

/** From the registry "CoAP Content-Formats" (RFC 7252, section 12.3). */
const contentFormats: ReadonlyMap<string, number> = new Map([
  ['text/plain', 0],
  ['application/link-format', 40],
  ['application/xml', 41],
  ['application/octet-stream', 42],
  ['application/json', 50],
  ['application/cbor', 60],
  ['application/senml+json', 110],
  ['application/senml+cbor', 112],
  ['application/vnd.oma.lwm2m+tlv', 11_542],
  ['application/vnd.oma.lwm2m+json', 11_543],
  ['application/vnd.oma.lwm2m+cbor', 11_544],
]);

/**
 * The number that stands for a media type in CoAP; parameters of the type are passed over.
 *
 * @throws ValidationError when it has none that is known here
 */
export function contentFormatOf(contentType: string): number {
  const format = contentFormats.get(contentType.split(';')[0]?.trim().toLowerCase() ?? '');
  if (format !== undefined) return format;
  const message = `CoAP has no number for "${contentType}"; give the number, or send application/octet-stream`;
  throw new ValidationError('command', [{ path: 'contentType', message }]);
}

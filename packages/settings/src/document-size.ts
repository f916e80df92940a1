import { exactNumbers, type JsonObject, MessageTooLargeError } from '@preservarium/core';

/** Returns the size of a document as JSON in UTF-8, in bytes. */
export function documentBytes(document: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(exactNumbers(document)));
}

/**
 * Returns the size of `document`, in bytes. A document that is too large may still become smaller than it was.
 *
 * @throws MessageTooLargeError where it is larger than `maxBytes`, and not smaller than `before`
 */
export function checkDocumentBytes(document: JsonObject, before: JsonObject, maxBytes: number): number {
  const bytes = documentBytes(document);
  if (bytes > maxBytes && bytes >= documentBytes(before)) throw new MessageTooLargeError(bytes, { maxBytes });
  return bytes;
}

import type { RecordHeader, RecordHeaders } from '@preservarium/backend';
import { cutText, ValidationError } from '@preservarium/core';

/**
 * Asserts that a client can send the headers as they are.
 *
 * @param backend its name
 * @param problemOf returns why the client cannot send a header, in words that continue "its …"; `undefined` if it can
 * @throws ValidationError
 */
export function assertHeaders(
  backend: string,
  headers: RecordHeaders,
  problemOf: (...header: RecordHeader) => string | undefined,
): void {
  for (const [name, value] of headers) {
    const problem = name.isWellFormed() ? problemOf(name, value) : 'its name is not well-formed Unicode';
    if (problem !== undefined) throw refused(backend, name, problem);
  }
}

function refused(backend: string, name: string, problem: string): ValidationError {
  const message = `the client of the ${backend} backend cannot send it: ${problem}; send it with another backend, or without the header`;
  return new ValidationError('record', [{ path: `headers["${cutText(name, 100)}"]`, message }]);
}

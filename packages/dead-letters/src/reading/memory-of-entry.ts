import { type ConsumedRecord, headersSize } from '@preservarium/backend';
import { memoryOfJson } from '@preservarium/core';
import type { DeadEntry } from './dead-entry.js';

/** Approximate memory of a record and of each header, besides their content. */
const bytesOfRecord = 2_000;
const bytesOfHeader = 200;

/** Returns about how many bytes of memory a record takes. */
export function memoryOfRecord({
  key,
  value,
  headers,
}: Pick<ConsumedRecord, 'key' | 'value' | 'headers'>): number {
  const content = (key?.length ?? 0) + (value?.length ?? 0) + headersSize(headers);
  return bytesOfRecord + headers.length * bytesOfHeader + content;
}

/** Returns about how many bytes of memory a dead letter and its decoded command take. */
export function memoryOfEntry({ letter, decoded }: DeadEntry): number {
  if (!decoded.ok) return memoryOfRecord(letter);
  const { payload, metadata } = decoded.command;
  return memoryOfRecord(letter) + memoryOfJson([payload, metadata, decoded.unknownFields]);
}

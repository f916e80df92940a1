import { isUtf8 } from 'node:buffer';
import { printable } from '@preservarium/command-line';
import type { DeadEntry, Verdict } from '@preservarium/dead-letters';
import { textOf } from '../describe-record.js';
import { formatTable } from './format-table.js';
import { hexDump } from './hex-dump.js';

const maxShownBytes = 4096;

/** Returns the lines that `show` prints for a dead letter. */
export function formatEntry({ letter, decoded }: DeadEntry, verdict: Verdict): string[] {
  const { reason, message, attempts, groupId, diedAtMs, source, key, headers, value } = letter;
  const facts = [
    ['died', new Date(diedAtMs).toISOString()],
    ['reason', `${reason}: ${message}`],
    ['attempts', String(attempts)],
    ['group', groupId],
    ['source', `${source.topic}, partition ${source.partition}, offset ${source.offset}`],
    ['redrive', verdict.message],
    ['key', formatBytes(key)],
    ...headers.map(([name, content]) => [`header ${name}`, formatBytes(content)]),
  ];
  const table = formatTable(
    facts.map((row) => row.map(printable)),
    Number.POSITIVE_INFINITY,
  );
  if (decoded.ok) {
    const unknown = Object.keys(decoded.unknownFields).length > 0;
    return [
      ...table,
      '',
      'command',
      ...jsonLines(decoded.command),
      ...(unknown ? ['', 'unknown fields', ...jsonLines(decoded.unknownFields)] : []),
    ];
  }
  return [...table, '', `value, ${value.length} bytes: ${printable(decoded.message)}`, ...bytesLines(value)];
}

function formatBytes(bytes: Buffer | null): string {
  const text = textOf(bytes);
  if (text === null) return 'null';
  return typeof text === 'string' ? text : `base64 ${text.base64}`;
}

function jsonLines(value: unknown): string[] {
  return JSON.stringify(value, undefined, 2).split('\n').map(printable);
}

/** Returns the value as text, or as a hex dump if it is no UTF-8. */
function bytesLines(value: Buffer): string[] {
  if (!isUtf8(value)) return hexDump(value, maxShownBytes);
  const text = value.toString();
  const shown = text.slice(0, maxShownBytes).split('\n').map(printable);
  return text.length > maxShownBytes ? [...shown, `${text.length - maxShownBytes} more characters`] : shown;
}

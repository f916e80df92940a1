import { styleText } from 'node:util';
import type { Refusal } from './push-examples.js';
import type { ReadBackExample } from './read-back.js';
import { renderTable } from './table.js';

/** What happened, for a reader; coloured where stdout is a terminal. */
export function renderReport(examples: readonly ReadBackExample[], refusals: readonly Refusal[]): string {
  const rows = examples.map(({ backend, example, receipt, record }) => [
    backend,
    example.name,
    example.deviceId,
    receipt.topic,
    String(record?.partition ?? '-'),
    String(record?.offset ?? '-'),
    record === undefined ? styleText('red', 'no') : styleText('green', 'ok'),
  ]);
  const backends = refusals.map(({ backend }) => backend).join(' and ');
  const devices = [...partitionsOfDevices(examples)].map(
    ([device, partitions]) => `${device} on ${[...partitions].join(' and ')}`,
  );
  const lines = [
    renderTable(['backend', 'command', 'device', 'topic', 'partition', 'offset', 'read back'], rows),
    '',
    `Partition of each device, in both topics and through ${backends}: ${devices.join(', ')}.`,
    ...refusals.map(
      ({ backend, error }) => `Refused by ${backend}: ${styleText('yellow', error.code)}, ${error.message}.`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** What went wrong, one line each. */
export function findFailures(examples: readonly ReadBackExample[]): readonly string[] {
  return [
    ...examples
      .filter(({ record }) => record === undefined)
      .map(
        ({ backend, example, receipt }) =>
          `${example.name} was pushed through ${backend} as ${receipt.requestId}, but is not in ${receipt.topic}`,
      ),
    ...[...partitionsOfDevices(examples)]
      .filter(([, partitions]) => partitions.size > 1)
      .map(([device, partitions]) => `${device} is on several partitions: ${[...partitions].join(', ')}`),
  ];
}

function partitionsOfDevices(examples: readonly ReadBackExample[]): ReadonlyMap<string, Set<number>> {
  const partitions = new Map<string, Set<number>>();
  for (const { example, record } of examples) {
    if (record === undefined) continue;
    const found = partitions.get(example.deviceId) ?? new Set();
    partitions.set(example.deviceId, found.add(record.partition));
  }
  return partitions;
}

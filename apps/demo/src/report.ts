import { styleText } from 'node:util';
import type { BoardRow } from './board.js';
import { findProblem } from './lifecycle.js';
import { renderBoard } from './live-view.js';
import type { Refusal } from './push.js';
import type { ReadBack } from './read-back.js';
import { findSettingsProblem, type SettingsOutcome } from './settings-case.js';
import { renderTable } from './table.js';

export interface Outcome {
  readonly rows: readonly BoardRow[];
  readonly readBack: readonly ReadBack[];
  readonly refusals: readonly Refusal[];
  readonly settings: SettingsOutcome;
}

/** Renders the report; in colour if stdout is a terminal. */
export function renderReport({ rows, readBack, refusals, settings }: Outcome): string {
  const lines = [
    'Lifecycles of the commands:',
    '',
    renderBoard(rows),
    '',
    'Settings that changed while their device was unreachable:',
    '',
    renderSettings(settings),
    '',
    'Partition of each device, read by a consumer outside the backends:',
    '',
    renderPartitions(readBack),
    '',
    ...refusals.flatMap(({ backend, error }) =>
      error === undefined
        ? []
        : [`Refused by ${backend}: ${styleText('yellow', error.code)}, ${error.message}.`],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function renderSettings(settings: SettingsOutcome): string {
  const { deviceId, pushedWith, changes, sent, reported } = settings;
  const colour = findSettingsProblem(settings) === undefined ? 'green' : 'red';
  const list = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(' → ');
  return renderTable(
    ['device', 'backend', 'changes', 'sent', 'reported'],
    [
      [
        deviceId,
        pushedWith,
        list(changes),
        styleText(colour, list(sent)),
        styleText(colour, list([reported])),
      ],
    ],
  );
}

/** Renders a row for each push, with a column for each backend. */
function renderPartitions(readBack: readonly ReadBack[]): string {
  const backends = [...new Set(readBack.map(({ pushedWith }) => pushedWith))];
  const names = [...new Set(readBack.map(({ push }) => push.name))];
  return renderTable(
    ['pushed', 'device', ...backends.map((backend) => `with ${backend}`)],
    names.map((name) => {
      const ofName = readBack.filter(({ push }) => push.name === name);
      const partitions = backends.map((backend) => {
        const record = ofName.find(({ pushedWith }) => pushedWith === backend)?.record;
        return record === undefined ? styleText('red', 'missing') : styleText('green', `${record.partition}`);
      });
      return [name, ofName[0]?.push.deviceId ?? '', ...partitions];
    }),
  );
}

/** Returns the failures, one line each. */
export function findFailures({ rows, readBack, refusals, settings }: Outcome): readonly string[] {
  const named = ({ push, pushedWith }: Pick<BoardRow, 'push' | 'pushedWith'>) =>
    `${push.name} for ${push.deviceId}, pushed with ${pushedWith},`;
  const settingsProblem = findSettingsProblem(settings);
  return [
    ...(settingsProblem === undefined ? [] : [`${settings.deviceId} ${settingsProblem}`]),
    ...rows.flatMap((row) => {
      const problem = findProblem(row.steps, row.ends);
      return problem === undefined ? [] : [`${named(row)} ${problem}`];
    }),
    ...readBack.filter(({ record }) => record === undefined).map((one) => `${named(one)} is not in Kafka`),
    ...[...partitionsOfDevices(readBack)]
      .filter(([, partitions]) => partitions.size > 1)
      .map(([device, partitions]) => `${device} is on several partitions: ${[...partitions].join(', ')}`),
    ...refusals
      .filter(({ error }) => error === undefined)
      .map(
        ({ backend }) =>
          `${backend} pushed a command that its device does not support; the service must refuse it`,
      ),
  ];
}

function partitionsOfDevices(readBack: readonly ReadBack[]): ReadonlyMap<string, Set<number>> {
  const partitions = new Map<string, Set<number>>();
  for (const { push, record } of readBack) {
    if (record === undefined) continue;
    const found = partitions.get(push.deviceId) ?? new Set();
    partitions.set(push.deviceId, found.add(record.partition));
  }
  return partitions;
}

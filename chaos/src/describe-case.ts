import { type ConsumedRecord, headerText, headerTexts, type KafkaOptions } from '@preservarium/backend';
import { scanTopic } from '@preservarium/dev-services';
import type { Count } from './count.js';
import type { Evidence } from './evidence.js';
import type { Scene } from './scene.js';

const casesOfEach = 5;
const contextMs = 1_500;

/**
 * Tells of the first cases of each count what a person needs to explain them: the command, its events, the executions of its device around its
 * own, and the changelog of its partition.
 */
export async function describeCases(
  { kafka, topics }: Scene,
  counts: readonly Count[],
  evidence: Evidence,
): Promise<string> {
  const changelog = await readChangelog(kafka, topics.waiting);
  return counts
    .flatMap(({ what, cases }) =>
      [...new Set(cases)].slice(0, casesOfEach).map((requestId) => {
        const history = historyOf(requestId, evidence, changelog).sort(([one], [other]) => one - other);
        const lines = history.map(([atMs, line]) => `  ${new Date(atMs).toISOString()} ${line}`);
        return `${what}: ${JSON.stringify(evidence.commands.get(requestId) ?? requestId)}\n${lines.join('\n')}\n`;
      }),
    )
    .join('\n');
}

type HistoryLine = [atMs: number, line: string];

function historyOf(
  requestId: string,
  { commands, events, executions }: Evidence,
  changelog: readonly ConsumedRecord[],
): HistoryLine[] {
  const command = commands.get(requestId);
  const own = executions.filter((execution) => execution.requestId === requestId).map(({ atMs }) => atMs);
  const isNear = (atMs: number) => own.some((ownMs) => Math.abs(ownMs - atMs) < contextMs);
  const written = events.get(requestId) ?? [];
  const times = [...own, ...written.map(({ atMs }) => atMs)];
  const isWithin = (atMs: number) =>
    atMs > Math.min(...times) - contextMs && atMs < Math.max(...times) + contextMs;
  return [
    ...written.map(({ atMs, ...event }): HistoryLine => [atMs, `event ${JSON.stringify(event)}`]),
    ...executions
      .filter(({ deviceId, atMs }) => deviceId === command?.deviceId && isNear(atMs))
      .map(({ atMs, requestId: executed, mayBeRepeat }): HistoryLine => {
        const offset = commands.get(executed)?.offset;
        return [atMs, `executed ${executed} (offset ${offset})${mayBeRepeat ? ', may be a repeat' : ''}`];
      }),
    ...changelog
      .filter(
        (record) =>
          record.partition === command?.partition &&
          isWithin(record.timestampMs) &&
          concerns(record, command) &&
          (headerText(record.headers, 'record-type') !== 'progress' || isNear(record.timestampMs)),
      )
      .map((record): HistoryLine => [record.timestampMs, `changelog ${record.offset} ${textOf(record)}`]),
  ];
}

/** Deferrals and ends of the command, and all that concerns the whole partition. */
function concerns(
  { headers, value }: ConsumedRecord,
  { requestId, offset }: { requestId: string; offset: number },
) {
  const type = headerText(headers, 'record-type');
  if (type === 'deferred' || type === 'done') return headerText(headers, 'source-offset') === String(offset);
  if (type === 'cancel') return String(value).includes(`"${requestId}"`);
  return true;
}

function textOf({ headers, value }: ConsumedRecord): string {
  const {
    'original-headers': _,
    'record-type': type,
    'ledger-group': _group,
    ...others
  } = headerTexts(headers);
  const content = type === 'progress' ? String(value).slice(0, 300) : '';
  return `${type} ${JSON.stringify(others)} ${content}`;
}

async function readChangelog(kafka: KafkaOptions, topic: string): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  await scanTopic(kafka, topic, (record) => records.push(record), { timeoutMs: 300_000 });
  return records;
}

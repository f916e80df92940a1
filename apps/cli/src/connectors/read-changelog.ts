import type { Backend, GroupDescription, PartitionOffsets } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { type ChangelogSurvey, createChangelogSurvey, type SurveyedGroup } from '@preservarium/connector';
import { readToEnd } from '@preservarium/dead-letters';

export interface ReadChangelogOptions {
  readonly waitingTopic: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called after each record; true ends the reading. */
  isEnough?(survey: Pick<ChangelogSurvey, 'protocolOf'>): boolean;
}

/**
 * Reads what the connectors of these groups have written to the waiting topic, from where their next owners would begin.
 *
 * @returns what it says of each group, by id; a group that never claimed a partition is not there
 */
export async function readChangelog(
  backend: Backend,
  groups: readonly GroupDescription[],
  { waitingTopic: topic, timeoutMs, signal, isEnough }: ReadChangelogOptions,
): Promise<ReadonlyMap<string, SurveyedGroup>> {
  const survey = createChangelogSurvey();
  const enough = new AbortController();
  const asked = Promise.all(groups.map(({ groupId }) => backend.offsets({ topic, groupId })));
  const offsets = await withDeadline(asked, { doing: `read ${topic}`, timeoutMs, signal });
  const bases = basesOf(offsets);
  try {
    await readToEnd(backend, {
      topic,
      ends: endsOf(offsets),
      timeoutMs,
      signal: AbortSignal.any([signal, enough.signal]),
      resumeFrom: ({ partition }) => bases.get(partition),
      onRecord(record) {
        survey.read(record);
        if (isEnough?.(survey)) enough.abort();
      },
    });
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  return survey.groups();
}

/** The lowest base of the groups, by partition. */
function basesOf(groups: readonly (readonly PartitionOffsets[])[]): ReadonlyMap<number, number> {
  const bases = new Map<number, number>();
  for (const { partition, committedOffset, startOffset } of groups.flat()) {
    const base = committedOffset ?? startOffset;
    bases.set(partition, Math.min(base, bases.get(partition) ?? base));
  }
  return bases;
}

function endsOf(groups: readonly (readonly PartitionOffsets[])[]): ReadonlyMap<number, number> {
  return new Map(
    groups
      .flat()
      .filter(({ startOffset, endOffset }) => endOffset > startOffset)
      .map(({ partition, endOffset }) => [partition, endOffset]),
  );
}

import { BackendUnavailableError } from '@preservarium/core';

interface FoundContestants<Contestant> {
  readonly contestants: readonly Contestant[];
  /** Says of each that is left out why. */
  readonly notes: readonly string[];
}

/** Those whose programs are there. */
export async function findContestants<Contestant>(
  finders: Readonly<Record<string, () => Promise<Contestant>>>,
): Promise<FoundContestants<Contestant>> {
  const contestants: Contestant[] = [];
  const notes: string[] = [];
  for (const [name, find] of Object.entries(finders)) {
    try {
      contestants.push(await find());
    } catch (error) {
      if (!BackendUnavailableError.isInstance(error)) throw error;
      notes.push(`${name} is left out: ${error.message}`);
    }
  }
  return { contestants, notes };
}

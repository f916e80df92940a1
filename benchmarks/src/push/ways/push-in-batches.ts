import { type NumberedCommands, numbersOf } from '../../numbered-command.js';
import { withInFlight } from '../../with-in-flight.js';

interface Batches {
  readonly size: number;
  /** Number of batches in flight: while one is acknowledged, the next are made. */
  readonly inFlight: number;
}

/** Sends the commands in batches and resolves with the numbers of those that were not acknowledged. */
export async function pushInBatches(
  commands: NumberedCommands,
  { size, inFlight }: Batches,
  send: (numbers: readonly number[]) => Promise<unknown>,
): Promise<readonly number[]> {
  const unacknowledged: number[] = [];
  await withInFlight(batchesOf(commands, size), inFlight, async (numbers) => {
    try {
      await send(numbers);
    } catch (error) {
      if (unacknowledged.length === 0) console.error(error);
      unacknowledged.push(...numbers);
    }
  });
  return unacknowledged;
}

function* batchesOf(commands: NumberedCommands, size: number): Generator<readonly number[], undefined> {
  let batch: number[] = [];
  for (const number of numbersOf(commands)) {
    batch.push(number);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

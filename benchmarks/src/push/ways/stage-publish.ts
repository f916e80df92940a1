import type { PublisherBackend } from '@preservarium/backend';
import { encodeCommand } from '@preservarium/core';
import { withInFlight } from '../../with-in-flight.js';
import { readyCommands } from './ready-commands.js';
import type { OpenWay, Route } from './way.js';

/** As `pushCommands` does: chunks of 500, and 20,000 records in flight. */
const chunkSize = 500;
const chunksInFlight = 40;
const timeoutMs = 60_000;

/** Gives encoded commands to the backend, and no more. */
export async function openStagePublish(backend: PublisherBackend, { topic }: Route): Promise<OpenWay> {
  await backend.connect({ timeoutMs });
  return {
    async pushAll({ first, count, bytes }) {
      const records = readyCommands(bytes).map((command) => ({
        topic,
        key: command.deviceId,
        value: encodeCommand(command),
      }));
      const unacknowledged: number[] = [];
      const starts = Array.from({ length: Math.ceil(count / chunkSize) }, (_, chunk) => chunk * chunkSize);
      await withInFlight(starts.values(), chunksInFlight, async (start) => {
        const from = start % records.length;
        const chunk = records.slice(from, from + Math.min(chunkSize, count - start));
        const outcomes = await backend.publish(chunk, { timeoutMs });
        outcomes.forEach(({ ok }, position) => {
          if (!ok) unacknowledged.push(first + start + position);
        });
      });
      return unacknowledged;
    },
    close: () => backend.close({ timeoutMs }),
  };
}

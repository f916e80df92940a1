import { createMemoryBackend } from '@preservarium/backend-memory';
import { createPusherService } from '@preservarium/publisher';
import { type CommandBytes, inputOf, inputsOf, numbersOf } from '../../numbered-command.js';
import { withInFlight } from '../../with-in-flight.js';
import type { Workload } from './workload.js';

const inFlight = 1_000;

/** Pushes commands with `pushCommands` to the memory backend, which acknowledges in the same process. */
export function pushCommandsWorkload(bytes: CommandBytes): Workload {
  const count = 4_000;
  return {
    bytes,
    count,
    async prepare() {
      const service = createPusherService({ backend: createMemoryBackend() });
      await service.connect();
      return async () => {
        for await (const outcome of service.pushCommands(inputsOf({ first: 0, count, bytes }))) {
          if (!outcome.ok) throw outcome.error;
        }
        await service.close();
      };
    },
  };
}

/** Pushes commands with `pushCommand` to the memory backend, 1,000 in flight. */
export function pushCommandWorkload(bytes: CommandBytes): Workload {
  const count = 3_000;
  return {
    bytes,
    count,
    async prepare() {
      const service = createPusherService({ backend: createMemoryBackend() });
      await service.connect();
      return async () => {
        await withInFlight(numbersOf({ first: 0, count }), inFlight, async (number) => {
          await service.pushCommand(inputOf(number, bytes));
        });
        await service.close();
      };
    },
  };
}

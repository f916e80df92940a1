import type { PublisherBackend } from '@preservarium/backend';
import { createPusherService } from '@preservarium/publisher';
import { inputsOf } from '../../numbered-command.js';
import type { OpenWay, Route } from './way.js';

/** This project's `pushCommands`: each command is validated, encoded and has an outcome of its own. */
export async function openPushCommands(
  backend: PublisherBackend,
  { topic, inFlight }: Route,
): Promise<OpenWay> {
  const limits = inFlight === undefined ? {} : { maxInFlight: inFlight };
  const service = createPusherService({ backend, commandTopic: topic, limits });
  await service.connect();
  return {
    async pushAll(commands) {
      const unacknowledged: number[] = [];
      for await (const outcome of service.pushCommands(inputsOf(commands))) {
        if (outcome.ok) continue;
        if (unacknowledged.length === 0) console.error(outcome.error);
        unacknowledged.push(commands.first + outcome.index);
      }
      return unacknowledged;
    },
    close: () => service.close(),
  };
}

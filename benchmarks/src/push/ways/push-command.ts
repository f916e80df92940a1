import type { PublisherBackend } from '@preservarium/backend';
import { createPusherService } from '@preservarium/publisher';
import { inputOf } from '../../numbered-command.js';
import { pushEach } from './push-each.js';
import type { OpenWay, Route } from './way.js';

/** This project's `pushCommand`, awaited. */
export async function openPushCommand(
  backend: PublisherBackend,
  { topic, inFlight }: Route,
): Promise<OpenWay> {
  const service = createPusherService({ backend, commandTopic: topic });
  await service.connect();
  return pushEach(
    {
      async pushOne(number, bytes) {
        await service.pushCommand(inputOf(number, bytes));
      },
      close: () => service.close(),
    },
    inFlight,
  );
}

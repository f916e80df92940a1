import { type SubscriberBackend, silentLogger } from '@preservarium/backend';
import { createSubscriber as createKitSubscriber } from '@preservarium/backend-kit';
import type { RdkafkaClientOptions } from './client-options.js';
import { joinGroup } from './group-member.js';
import type { ClientModule } from './rdkafka-module.js';

/** Returns the part of the backend that subscribes. */
export function createSubscriber(
  client: ClientModule,
  options: RdkafkaClientOptions,
): Pick<SubscriberBackend, 'subscribe' | 'close'> {
  return createKitSubscriber({
    name: 'rdkafka',
    hasStaticMembers: true,
    logger: options.logger ?? silentLogger,
    join: (subscribe, callbacks) => joinGroup(client, options, subscribe, callbacks),
  });
}

import type { GatewayOptions } from '../process/read-options.js';

/** Returns the topics and the group with which the store of the gateway is filled. */
export function feedOptionsOf({ kafka }: Pick<GatewayOptions, 'kafka'>) {
  return {
    eventsTopic: kafka.eventTopic,
    commandTopics: [kafka.commandTopic],
    groupId: 'pusher_gateway',
    sharesWork: false,
  };
}

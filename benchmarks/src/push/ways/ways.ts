import type { Route, Way } from './way.js';

// Each is imported when it is used: none pays for loading another.

async function rdkafka({ brokers }: Route) {
  const { createRdkafkaBackend } = await import('@preservarium/backend-rdkafka');
  return createRdkafkaBackend({ brokers });
}

async function kafkajs({ brokers }: Route) {
  const { createKafkajsBackend } = await import('@preservarium/backend-kafkajs');
  return createKafkajsBackend({ brokers });
}

const rdkafkaDefaults = 'defaults: linger 5 ms, ended by the flush of each group; no compression';
const kafkajsDefaults = 'defaults: no linger, no compression';

export const ways = {
  'rdkafka.pushCommands': {
    settings: rdkafkaDefaults,
    open: async (route) => (await import('./push-commands.js')).openPushCommands(await rdkafka(route), route),
  },
  'rdkafka.pushCommand': {
    settings: rdkafkaDefaults,
    open: async (route) => (await import('./push-command.js')).openPushCommand(await rdkafka(route), route),
  },
  'kafkajs.pushCommands': {
    settings: kafkajsDefaults,
    open: async (route) => (await import('./push-commands.js')).openPushCommands(await kafkajs(route), route),
  },
  'kafkajs.pushCommand': {
    settings: kafkajsDefaults,
    open: async (route) => (await import('./push-command.js')).openPushCommand(await kafkajs(route), route),
  },
  'node-rdkafka.deliveryReport': {
    settings:
      'linger 0 up to 1,000 in flight, then 5 ms, no compression, polled each ms, 10,000 in flight or as named',
    open: async (route) => (await import('./node-rdkafka-delivery-report.js')).openDeliveryReport(route),
  },
  'node-rdkafka.promiseEach': {
    settings:
      'linger 0 up to 1,000 in flight, then 5 ms, no compression, polled in each turn while in flight',
    open: async (route) => (await import('./node-rdkafka-promise-each.js')).openPromiseEach(route),
  },
  'kafkajs.sendEach': {
    settings: 'no linger, no compression',
    open: async (route) => (await import('./kafkajs-send-each.js')).openSendEach(route),
  },
  'kafkajs.sendBatch': {
    settings: 'batches of 2,000 or as named, one in flight, no compression',
    open: async (route) => (await import('./kafkajs-send-batch.js')).openSendBatch(route),
  },
  'platformatic.sendBatch': {
    settings: 'batches of 2,000, or a fifth of what is named; five in flight, no compression',
    open: async (route) => (await import('./platformatic-send-batch.js')).openPlatformaticSendBatch(route),
  },
  'stage.validate': {
    settings: 'no Kafka',
    open: async () => (await import('./stage-validate.js')).openStageValidate(),
  },
  'stage.encode': {
    settings: 'no Kafka',
    open: async () => (await import('./stage-encode.js')).openStageEncode(),
  },
  'stage.publish.rdkafka': {
    settings: rdkafkaDefaults,
    open: async (route) => (await import('./stage-publish.js')).openStagePublish(await rdkafka(route), route),
  },
  'stage.publish.kafkajs': {
    settings: kafkajsDefaults,
    open: async (route) => (await import('./stage-publish.js')).openStagePublish(await kafkajs(route), route),
  },
} satisfies Record<string, Way>;

export type WayName = keyof typeof ways;

// The feed of a command store, in a process of its own, which tests kill. Node runs this file as it is.
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { feedCommandStore } from '@preservarium/command-store';
import { createPostgresCommandStore } from '@preservarium/command-store-postgres';
import { createSqliteCommandStore } from '@preservarium/command-store-sqlite';
import type { FeedProgramOptions } from './feed-process.js';

const { backend, brokers, place, eventsTopic } = JSON.parse(process.argv[2] ?? '{}') as FeedProgramOptions;
const createBackend = backend === 'kafkajs' ? createKafkajsBackend : createRdkafkaBackend;
const store = place.startsWith('postgres:')
  ? await createPostgresCommandStore({ url: place })
  : await createSqliteCommandStore({ path: place });
const feed = await feedCommandStore({
  backend: createBackend({ brokers }),
  store,
  eventsTopic,
  commandTopics: [],
});
await feed.closed;

import type { ClusterAdmin } from './cluster-admin.js';
import type { GroupAdmin } from './group-admin.js';
import type { PublisherBackend } from './publisher-backend.js';
import type { SubscriberBackend } from './subscriber-backend.js';
import type { TopicAdmin, TopicConfigs } from './topic-admin.js';

/** All that a Kafka client does for this project. Each part connects only when it is first used; `close` ends all. */
export type Backend = PublisherBackend &
  SubscriberBackend &
  TopicAdmin &
  Partial<TopicConfigs & GroupAdmin & ClusterAdmin>;

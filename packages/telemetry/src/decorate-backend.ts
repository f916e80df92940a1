import type { Backend } from '@preservarium/backend';

/** The backend with other ways to publish and to subscribe. */
export function decorateBackend(
  backend: Backend,
  { publish, subscribe }: Pick<Backend, 'publish' | 'subscribe'>,
): Backend {
  return {
    name: backend.name,
    supports: backend.supports,
    connect: (options) => backend.connect(options),
    publish,
    subscribe,
    createTopic: (topic) => backend.createTopic(topic),
    addPartitions: (of) => backend.addPartitions(of),
    listTopics: () => backend.listTopics(),
    offsets: (of) => backend.offsets(of),
    close: (options) => backend.close(options),
  };
}

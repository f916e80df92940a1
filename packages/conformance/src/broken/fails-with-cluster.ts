import type { Backend, PublishOutcome } from '@preservarium/backend';
import { type FakeCluster, nextTurn } from './fake-cluster.js';

/** Waits for the cluster to come back and publishes then, as a backend should. */
export function survivesFailure(backend: Backend, cluster: FakeCluster): Backend {
  return {
    ...backend,
    async publish(records, options) {
      do await nextTurn();
      while (!cluster.isUp());
      return backend.publish(records, options);
    },
  };
}

/** Acknowledges what it loses while the cluster is away. */
export function losesDuringFailure(backend: Backend, cluster: FakeCluster): Backend {
  return {
    ...backend,
    async publish(records, options) {
      await nextTurn();
      if (cluster.isUp()) return backend.publish(records, options);
      return records.map(({ topic }): PublishOutcome => ({ ok: true, receipt: { topic } }));
    },
  };
}

/** Publishes again after the failure what was written before it. */
export function repeatsAfterFailure(backend: Backend, cluster: FakeCluster): Backend {
  return {
    ...backend,
    async publish(records, options) {
      await nextTurn();
      const outcomes = await backend.publish(records, options);
      return cluster.isUp() ? outcomes : backend.publish(records, options);
    },
  };
}

/** Lets every third call made during the failure be overtaken by later ones. */
export function reordersAfterFailure(backend: Backend, cluster: FakeCluster): Backend {
  let calls = 0;
  return {
    ...backend,
    async publish(records, options) {
      await nextTurn();
      if (!cluster.isUp() && ++calls % 3 === 0) for (let turn = 0; turn < 10; turn++) await nextTurn();
      return backend.publish(records, options);
    },
  };
}

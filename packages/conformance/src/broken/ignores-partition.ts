import type { Backend } from '@preservarium/backend';

/** Lets the key decide where a record goes, also where the record itself says it. */
export function ignoresPartition(backend: Backend): Backend {
  return {
    ...backend,
    publish: (records, options) =>
      backend.publish(
        records.map(({ partition: _partition, ...record }) => record),
        options,
      ),
  };
}

import type { Backend } from '@preservarium/backend';

/** Fails a whole call where one record is too large, as a broker fails a whole request. */
export function failsNeighbours(backend: Backend): Backend {
  return {
    ...backend,
    async publish(records, options) {
      const tooLarge = records.find(({ value }) => value.length > 100_000);
      if (tooLarge === undefined || records.length === 1) return backend.publish(records, options);
      const outcomes = await backend.publish([tooLarge], options);
      return records.flatMap(() => outcomes);
    },
  };
}

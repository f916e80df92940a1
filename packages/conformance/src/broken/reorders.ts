import type { Backend } from '@preservarium/backend';

/** Lets every eleventh call be overtaken by later ones, as a retry with several requests in flight does. */
export function reordersCalls(backend: Backend): Backend {
  let calls = 0;
  return {
    ...backend,
    async publish(records, options) {
      if (++calls % 11 === 0) await new Promise((resolve) => setImmediate(resolve));
      return backend.publish(records, options);
    },
  };
}

/** Writes the second half of a call before the first, and gives the outcomes as if it had not. */
export function reordersRecords(backend: Backend): Backend {
  return {
    ...backend,
    async publish(records, options) {
      const half = Math.floor(records.length / 2);
      const secondHalf = await backend.publish(records.slice(half), options);
      return [...(await backend.publish(records.slice(0, half), options)), ...secondHalf];
    },
  };
}

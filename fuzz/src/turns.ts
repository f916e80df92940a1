/** Runs tasks at the same time, but those of one owner one after another, in the order of the calls. */
export function createTurns(): <Value>(
  owners: readonly object[],
  task: () => Promise<Value>,
) => Promise<Value> {
  const last = new Map<object, Promise<unknown>>();
  return (owners, task) => {
    const done = Promise.all(owners.map((owner) => last.get(owner))).then(task);
    for (const owner of owners) last.set(owner, done);
    return done;
  };
}

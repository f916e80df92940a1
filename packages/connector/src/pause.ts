/** Waits for `ms`, or until the promise resolves, which it returns whether it did. */
export async function pause(ms: number, until?: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await (until === undefined ? passed : Promise.race([until.then(() => true), passed]));
  } finally {
    clearTimeout(timer);
  }
}

export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
}

/** A promise that the caller resolves. */
export function createDeferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

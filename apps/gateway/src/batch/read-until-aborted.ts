import type { Readable } from 'node:stream';

/** Returns the chunks of a stream, up to its end or the abort. The stream is not destroyed: its answer may still be written. */
export async function* readUntilAborted(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const aborted = Promise.withResolvers<undefined>();
  const onAbort = () => aborted.resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const chunks = stream.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = chunks.next();
      next.catch(() => {});
      const read = await Promise.race([next, aborted.promise]);
      if (read === undefined || read.done) return;
      yield read.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

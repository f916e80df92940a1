import { useEffect, useState } from 'react';
import { distanceOf } from './distance-of.js';

/** A time as its distance from now, with the exact one for those who point at it. */
export function Time({ at }: { readonly at: string }) {
  const nowMs = useNow();
  return (
    <time dateTime={at} title={new Date(at).toLocaleString(undefined, { timeZoneName: 'short' })}>
      {distanceOf(Date.parse(at) - nowMs)}
    </time>
  );
}

const listeners = new Set<(nowMs: number) => void>();
setInterval(() => {
  for (const listener of listeners) listener(Date.now());
}, 1_000);

/** One clock for all times on the page. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    listeners.add(setNowMs);
    return () => void listeners.delete(setNowMs);
  }, []);
  return nowMs;
}

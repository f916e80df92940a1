import { EventSource } from 'eventsource';
import { apiKey } from './api-key.js';
import { parseExact } from './exact-json.js';
import { commandStates, type LifecycleEvent } from './types.js';

export interface EventFilter {
  readonly device?: string | undefined;
  readonly request?: string | undefined;
  readonly type?: string | undefined;
  readonly state?: string | undefined;
}

export interface EventStreamHandlers {
  onOpen(): void;
  onLost(): void;
  onRefused(reason: string): void;
  onEvent(event: LifecycleEvent): void;
}

const retryMs = 2_000;

/** Follows the lifecycle events that fit, and connects again for as long as it is not closed. Returns the function that closes it. */
export function openEventStream(filter: EventFilter, handlers: EventStreamHandlers): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
    source = new EventSource(`${location.origin}/v1/events?${query}`, { fetch: fetchWithKey });
    source.onopen = () => handlers.onOpen();
    source.onerror = ({ code, message = '' }) => {
      if (code === 401) {
        source?.close();
        handlers.onRefused(message);
        return;
      }
      handlers.onLost();
      // An answer that is no stream ends the source for good; without an answer it connects again by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(connect, retryMs);
    };
    for (const state of commandStates) {
      source.addEventListener(state, ({ data }) => handlers.onEvent(parseExact(data) as LifecycleEvent));
    }
  }

  connect();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}

const fetchWithKey: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  const key = apiKey.read();
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  return fetch(input, { ...init, headers });
};

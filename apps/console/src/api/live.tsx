import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { apiKey, useApiKey } from './api-key.js';
import { type EventFilter, openEventStream } from './event-stream.js';
import type { LifecycleEvent } from './types.js';

export type Connection = 'connecting' | 'live' | 'lost';

type OnEvents = (events: readonly LifecycleEvent[]) => void;

interface Live {
  readonly connection: Connection;
  follow(filter: EventFilter, onEvents: OnEvents): () => void;
}

const LiveContext = createContext<Live>({ connection: 'connecting', follow: () => () => {} });

/** One stream of a tab is enough to see whether the gateway is there: browsers allow six connections to a host. */
const watchOnly: EventFilter = { state: 'dead' };
const batchMs = 300;

/** Keeps one stream of events open, of what the page in view follows. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queryClient = useQueryClient();
  const key = useApiKey();
  const isVisible = useVisibility();
  const [connection, setConnection] = useState<Connection>('connecting');
  const [filter, setFilter] = useState(JSON.stringify(watchOnly));
  const onEvents = useRef<OnEvents | undefined>(undefined);
  const wasLost = useRef(false);

  useEffect(() => {
    if (!isVisible) return;
    let unread: LifecycleEvent[] = [];
    let flushing: ReturnType<typeof setTimeout> | undefined;
    const close = openEventStream(JSON.parse(filter), {
      onOpen() {
        setConnection('live');
        if (wasLost.current) void queryClient.invalidateQueries();
        wasLost.current = false;
      },
      onLost() {
        wasLost.current = true;
        setConnection('lost');
      },
      onRefused: (reason) => apiKey.refuse(reason),
      onEvent(event) {
        unread.push(event);
        flushing ??= setTimeout(() => {
          const events = unread;
          unread = [];
          flushing = undefined;
          onEvents.current?.(events);
        }, batchMs);
      },
    });
    return () => {
      clearTimeout(flushing);
      close();
    };
  }, [filter, key, isVisible, queryClient]);

  const follow = useRef<Live['follow']>((wanted, handler) => {
    setFilter(JSON.stringify(wanted));
    onEvents.current = handler;
    return () => {
      onEvents.current = undefined;
      setFilter(JSON.stringify(watchOnly));
    };
  });
  return <LiveContext value={{ connection, follow: follow.current }}>{children}</LiveContext>;
}

/** Returns whether the gateway is there. */
export function useConnection(): Connection {
  return useContext(LiveContext).connection;
}

/** Calls the function with the events that fit, some at a time, for as long as the page is in view. */
export function useEvents(filter: EventFilter, onEvents: OnEvents): void {
  const { follow } = useContext(LiveContext);
  const handler = useRef(onEvents);
  handler.current = onEvents;
  const wanted = JSON.stringify(filter);
  useEffect(() => follow(JSON.parse(wanted), (events) => handler.current(events)), [follow, wanted]);
}

/** A tab that nobody sees keeps no connection. */
function useVisibility(): boolean {
  const [isVisible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isVisible;
}

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, contentOf } from '../api/client.js';
import { useEvents } from '../api/live.js';
import type { Command, CommandList, CommandState, LifecycleEvent } from '../api/types.js';
import type { CommandFilters } from './use-filters.js';

type Pages = InfiniteData<CommandList, string | undefined>;

const pageSize = 100;

/**
 * The commands that fit, page by page. While the top of the list is in view, new commands appear there; further down, only the
 * states of the rows change.
 */
export function useCommandPages(filters: CommandFilters, isAtTop: boolean) {
  const queryClient = useQueryClient();
  const queryKey = ['commands', filters];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) =>
      contentOf(
        api.GET('/v1/commands', { params: { query: { ...filters, limit: pageSize, cursor: pageParam } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
    // Commands that no connector has taken yet have no events.
    refetchInterval: isAtTop ? 5_000 : false,
  });

  const refresh = useCallback(() => {
    // Only the first page: others would be asked for one after another.
    queryClient.setQueryData<Pages>(queryKey, (known) => known && firstPageOf(known));
    void queryClient.invalidateQueries({ queryKey }, { cancelRefetch: false });
  }, [queryClient, queryKey]);

  useEvents({ device: filters.device, type: filters.type }, (events) => {
    if (isAtTop) refresh();
    else queryClient.setQueryData<Pages>(queryKey, (known) => known && withStates(known, events));
  });
  return { ...query, refresh };
}

function firstPageOf({ pages, pageParams }: Pages): Pages {
  return { pages: pages.slice(0, 1), pageParams: pageParams.slice(0, 1) };
}

function withStates(known: Pages, events: readonly LifecycleEvent[]): Pages {
  const newest = new Map(events.map((event) => [keyOf(event), event]));
  const update = (command: Command): Command => {
    const event = newest.get(keyOf(command));
    if (event === undefined || command.is_final) return command;
    return { ...command, state: event.state as CommandState, timestamp: event.timestamp };
  };
  const pages = known.pages.map((page) => ({ ...page, commands: page.commands.map(update) }));
  return { ...known, pages };
}

/** Request ids are those of a device. */
export function keyOf({ device_id, request_id }: Pick<LifecycleEvent, 'device_id' | 'request_id'>): string {
  return JSON.stringify([device_id, request_id]);
}

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, contentOf } from '../api/client.js';
import { useEvents } from '../api/live.js';

export interface CommandId {
  readonly request: string;
  /** Absent: the only device with a command of this request id. */
  readonly device: string | undefined;
}

/** A command, up to date with its events. */
export function useCommand({ request, device }: CommandId) {
  const queryClient = useQueryClient();
  const queryKey = ['command', request, device];
  useEvents({ request, device }, () => void queryClient.invalidateQueries({ queryKey }));
  return useQuery({
    queryKey,
    queryFn: () =>
      contentOf(api.GET('/v1/commands/{id}', { params: { path: { id: request }, query: { device } } })),
    refetchInterval: ({ state }) => (state.data?.is_final ? false : 5_000),
  });
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, api, contentOf } from '../api/client.js';
import type { Settings } from '../api/types.js';
import { nullIfUnknown } from '../api/use-device.js';

/** The settings of a device; null where it has none. */
export function useSettings(id: string) {
  return useQuery({
    queryKey: ['settings', id],
    queryFn: (): Promise<Settings | null> =>
      contentOf(api.GET('/v1/devices/{id}/settings', { params: { path: { id } } })).catch(nullIfUnknown),
    // Reports of the device are no lifecycle events.
    refetchInterval: 3_000,
  });
}

export interface SettingsChange {
  /** JSON of all desired settings. */
  readonly text: string;
  /** The change is meant for this version; -1 where there are no desired settings. */
  readonly version: number;
}

/** Replaces the desired settings. Another version than that of the change is a conflict. */
export function useChangeSettings(id: string) {
  const queryClient = useQueryClient();
  const queryKey = ['settings', id];
  return useMutation({
    mutationFn: ({ text, version }: SettingsChange) =>
      contentOf(
        api.PUT('/v1/devices/{id}/settings', {
          params: { path: { id }, header: { 'if-match': `"${version}"` } },
          headers: { 'content-type': 'application/json' },
          body: {},
          bodySerializer: () => text,
        }),
      ),
    onSuccess: (settings) => queryClient.setQueryData(queryKey, settings),
    // The conflict is with what is there now.
    onError: () => queryClient.invalidateQueries({ queryKey }),
  });
}

/** Returns whether the settings were changed by somebody else in between. */
export function isConflict(error: Error | null): boolean {
  return error instanceof ApiError && error.problem.status === 412;
}

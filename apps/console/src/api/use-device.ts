import { useQuery } from '@tanstack/react-query';
import { ApiError, api, contentOf } from './client.js';
import type { Device } from './types.js';

/** A device; null where the gateway knows nothing of it. */
export function useDevice(id: string) {
  return useQuery({
    queryKey: ['device', id],
    queryFn: (): Promise<Device | null> =>
      contentOf(api.GET('/v1/devices/{id}', { params: { path: { id } } })).catch(nullIfUnknown),
    enabled: id !== '',
  });
}

/** @throws what is not a 404 */
export function nullIfUnknown(error: unknown): null {
  if (error instanceof ApiError && error.problem.status === 404) return null;
  throw error;
}

import { useQuery } from '@tanstack/react-query';
import { api, contentOf } from './client.js';
import type { DeviceType } from './types.js';

/** Returns the declared device types, by their names; none until they are known. */
export function useDeviceTypes(): ReadonlyMap<string, DeviceType> {
  const { data } = useQuery({
    queryKey: ['device-types'],
    queryFn: () => contentOf(api.GET('/v1/device-types', {})),
    staleTime: 60_000,
  });
  return new Map(data?.device_types.map((type) => [type.name, type]));
}

import type { JsonObject } from '../api/types.js';
import { useDevice } from '../api/use-device.js';
import { useDeviceTypes } from '../api/use-device-types.js';

/** Returns the JSON Schemas of the payloads that a device takes, by command type; empty where its type is not declared. */
export function usePayloadSchemas(deviceId: string): Readonly<Record<string, JsonObject>> {
  const { data: device } = useDevice(deviceId);
  const type = useDeviceTypes().get(device?.type ?? '');
  const schemas = Object.entries(type?.commands ?? {}).map(([name, { payload }]) => [name, payload]);
  return Object.fromEntries(schemas.filter(([, payload]) => typeof payload === 'object'));
}

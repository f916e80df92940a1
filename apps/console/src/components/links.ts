interface CommandId {
  readonly request_id: string;
  readonly device_id: string;
}

/** Returns the address of the page of a command. */
export function commandPath({ request_id: request, device_id: device }: CommandId): string {
  return `/command?${new URLSearchParams({ device, request })}`;
}

/** Returns the address of the page of a device. */
export function devicePath(id: string): string {
  return `/device?${new URLSearchParams({ id })}`;
}

/** Identifies a command. A request id alone does not: any device can answer with the request id of another one. */
export interface CommandId {
  readonly deviceId: string;
  readonly requestId: string;
}

/** Returns a key for maps, which no other command has. */
export function commandKey({ deviceId, requestId }: CommandId): string {
  return `${deviceId.length}:${deviceId}${requestId}`;
}

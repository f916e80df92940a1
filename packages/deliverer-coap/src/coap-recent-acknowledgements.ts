import type { CoapAcknowledgement } from './coap-acknowledgement.js';

/** The last acknowledgement of each of many devices. */
export interface RecentAcknowledgements {
  add(deviceId: string, requestId: string, said: CoapAcknowledgement): void;
  /** Returns what the device said, if its last acknowledgement was for this command. */
  get(deviceId: string, requestId: string): CoapAcknowledgement | undefined;
  remove(deviceId: string): void;
}

const maxRemembered = 10_000;

export function createRecentAcknowledgements(): RecentAcknowledgements {
  const remembered = new Map<string, { readonly requestId: string; readonly said: CoapAcknowledgement }>();
  return {
    add(deviceId, requestId, said) {
      remembered.delete(deviceId);
      remembered.set(deviceId, { requestId, said });
      if (remembered.size <= maxRemembered) return;
      const [oldest] = remembered.keys();
      if (oldest !== undefined) remembered.delete(oldest);
    },
    get(deviceId, requestId) {
      const last = remembered.get(deviceId);
      return last?.requestId === requestId ? last.said : undefined;
    },
    remove: (deviceId) => void remembered.delete(deviceId),
  };
}

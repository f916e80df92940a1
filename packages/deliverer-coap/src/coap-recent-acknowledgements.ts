/** Commands that were acknowledged lately: a device may say so with every request, until it is given the next one. */
export interface RecentAcknowledgements {
  add(deviceId: string, requestId: string): void;
  has(deviceId: string, requestId: string): boolean;
}

const maxRemembered = 10_000;

export function createRecentAcknowledgements(): RecentAcknowledgements {
  const remembered = new Map<string, string>();
  return {
    add(deviceId, requestId) {
      remembered.delete(deviceId);
      remembered.set(deviceId, requestId);
      if (remembered.size <= maxRemembered) return;
      const [oldest] = remembered.keys();
      if (oldest !== undefined) remembered.delete(oldest);
    },
    has: (deviceId, requestId) => remembered.get(deviceId) === requestId,
  };
}

import { useSyncExternalStore } from 'react';

const name = 'api-key';
const listeners = new Set<() => void>();
let refusal: string | undefined;

function tell(): void {
  for (const listener of listeners) listener();
}

/** The API key of this browser tab. It ends with the tab, and no other page can read it. */
export const apiKey = {
  read: (): string | null => sessionStorage.getItem(name),
  write(key: string): void {
    sessionStorage.setItem(name, key);
    refusal = undefined;
    tell();
  },
  remove(): void {
    sessionStorage.removeItem(name);
    tell();
  },
  /** The gateway took no request with it. @param reason in words */
  refuse(reason: string): void {
    refusal = reason;
    tell();
  },
};

/** Returns why the gateway asks for an API key; undefined as long as it does not. */
export function useRefusal(): string | undefined {
  return useSyncExternalStore(subscribe, () => refusal);
}

/** Returns the API key. */
export function useApiKey(): string | null {
  return useSyncExternalStore(subscribe, apiKey.read);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

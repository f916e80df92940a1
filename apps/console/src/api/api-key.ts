const name = 'api-key';

/** The API key of this browser tab. It ends with the tab, and no other page can read it. */
export const apiKey = {
  read: (): string | null => sessionStorage.getItem(name),
  write: (key: string): void => sessionStorage.setItem(name, key),
  remove: (): void => sessionStorage.removeItem(name),
};

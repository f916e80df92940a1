/** Returns the path of `sqlite:PATH`; undefined for other URLs. */
export function sqlitePath(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
}

/** Returns the URL without its password and its query. */
export function displayUrl(url: string): string {
  if (sqlitePath(url) !== undefined || !URL.canParse(url)) return url.replace(/\/\/.*@/, '//');
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  return shown.href;
}

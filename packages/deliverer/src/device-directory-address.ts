/** Returns the problem that makes an address unfit as the base address of a device; undefined if there is none. */
export function addressProblem(address: string): string | undefined {
  if (!URL.canParse(address)) return 'is not an address with a scheme and a host';
  const { hostname, username, password } = new URL(address);
  if (hostname === '') return 'names no host';
  if (username !== '' || password !== '') return 'holds credentials, which do not belong in an address';
  if (/[?#]/.test(address)) return 'has a query or a fragment, which belong to a command';
  return undefined;
}

/** Returns an address as messages may have it. */
export function withoutCredentials(address: string): string {
  return address.replace(/\/\/[^/]*@/g, '//***@');
}

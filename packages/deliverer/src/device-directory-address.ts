import { isIPv4, isIPv6 } from 'node:net';

/** An address with an IPv6 zone (RFC 6874): `coap://[fe80::1%25eth0]`. The URL parser knows none. */
const withZone = /^(?<before>[a-z][a-z0-9+.-]*:\/\/\[[\da-f:.]+)%25(?<zone>[\w.~-]+)(?<after>\].*)$/i;

/** Returns the address without its IPv6 zone, and the zone. */
export function splitZone(address: string): { readonly address: string; readonly zone?: string } {
  const { before, zone, after } = withZone.exec(address)?.groups ?? {};
  return zone === undefined ? { address } : { address: `${before}${after}`, zone };
}

/** Returns the problem that makes an address unfit as the base address of a device; undefined if there is none. */
export function addressProblem(given: string): string | undefined {
  const { address, zone } = splitZone(given);
  if (!URL.canParse(address)) return 'is not an address with a scheme and a host';
  const { protocol, hostname, username, password } = new URL(address);
  if (hostname === '') return 'names no host';
  if (zone !== undefined && protocol !== 'coap:')
    return 'has an IPv6 zone, which only coap: addresses may have';
  if (isMulticast(hostname))
    return 'is a multicast address; a command goes to one device, so give the address of that device';
  if (username !== '' || password !== '') return 'holds credentials, which do not belong in an address';
  if (/[?#]/.test(address)) return 'has a query or a fragment, which belong to a command';
  return undefined;
}

/** Returns whether a host is an address of a group (RFC 5771, RFC 4291), or of all hosts. */
function isMulticast(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIPv4(host)) return Number(host.split('.', 1)[0]) >= 224;
  // Of an IPv4 address in IPv6, a URL has the bytes in hexadecimal: ::ffff:e000:1bb is 224.0.1.187.
  return isIPv6(host) && /^(?:ff[\da-f]{2}:|::ffff:[ef][\da-f]{3}:)/i.test(host);
}

/** Returns an address as messages may have it. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([^@]*?:\/\/)?.*@/s, '$1***@');
}

/** No name of the Internet ends so: RFC 6761, section 6.4. */
const ending = '.ipv6.invalid';

/** Returns the broker as kafkajs can take it apart, which is at the first colon: an IPv6 address becomes a name without any. */
export function withoutColons(broker: string): string {
  return broker.replace(/^\[(.*)\]/, (_, address: string) => `${address.replaceAll(':', '-')}${ending}`);
}

/** Returns the address that such a name stands for; other names as they are. */
export function addressOf(host: string): string {
  return host.endsWith(ending) ? host.slice(0, -ending.length).replaceAll('-', ':') : host;
}

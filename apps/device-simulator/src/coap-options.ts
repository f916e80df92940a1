import type { IncomingMessage } from 'coap';

/** The values of an option that may be there several times, such as the segments of a path, as text. */
export function optionTexts({ _packet: packet }: IncomingMessage, name: string): string[] {
  return (packet.options ?? []).filter((option) => option.name === name).map(({ value }) => value.toString());
}

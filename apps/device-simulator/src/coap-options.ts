import type { IncomingMessage } from 'coap';

/** Returns the values of a repeatable option, such as the segments of a path, as text. */
export function optionTexts({ _packet: packet }: IncomingMessage, name: string): string[] {
  return (packet.options ?? []).filter((option) => option.name === name).map(({ value }) => value.toString());
}

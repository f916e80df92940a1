/** A message as libcoap's programs print it. */
export interface LibcoapMessage {
  readonly type: 'CON' | 'NON' | 'ACK' | 'RST';
  /** For example `2.05`. */
  readonly code: string;
  /** For example `Location-Path:commands`; binary values as `0x…`. */
  readonly options: readonly string[];
  /** Of a long payload the beginning. */
  readonly payload: string;
}

const received = /: received \d+ bytes$/;
const message = /^v:1 t:(CON|NON|ACK|RST) c:(\S+) i:[\da-f]+ \{[\da-f]*\} \[ ?(.*?) ?\](?: :: (.*))?$/;

/** Takes the lines of a program's log one by one, and gives the message that one shows as received. */
export function createMessageReader(): (line: string) => LibcoapMessage | undefined {
  let isNext = false;
  return (line) => {
    const found = isNext ? message.exec(line) : null;
    isNext = received.test(line);
    if (found === null) return undefined;
    const [, type, code = '', options = '', payload = ''] = found;
    return {
      type: type as LibcoapMessage['type'],
      code,
      options: options === '' ? [] : options.split(', '),
      payload: payload.replace(/^'(.*)'$/, '$1'),
    };
  };
}

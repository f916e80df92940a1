import type { Socket } from 'node:net';

const start = Buffer.from('HTTP/1.');
const startBytes = 'HTTP/1.1 100'.length;
/** 101 is no interim answer of the exchange, but its end. */
const interim = /^ 1(?!01)\d\d$/;
const maxHeadBytes = 16_384;
const cr = 0x0d;
const lf = 0x0a;
const nothing: Buffer = Buffer.alloc(0);

/**
 * Takes interim answers (1xx) out of what the socket brings: a client skips them (RFC 9110, section 15.2), but undici 7.30 breaks off
 * the connection at a "100 Continue", and the command would be sent again.
 */
export function skipInterim<Connection extends Socket>(socket: Connection): Connection {
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  let expectsHead = false;
  let held = nothing;

  return Object.assign(socket, {
    // One request at a time: what comes after something was written begins with the head of an answer.
    write(...given: unknown[]) {
      expectsHead = true;
      return write(...given);
    },
    read(size?: number): unknown {
      for (;;) {
        const chunk: unknown = read(size);
        if (!expectsHead || !Buffer.isBuffer(chunk)) return chunk;
        const { rest, isWhole } = withoutInterim(held.length === 0 ? chunk : Buffer.concat([held, chunk]));
        held = isWhole ? nothing : rest;
        if (!isWhole) continue;
        expectsHead = false;
        return rest;
      }
    },
  });
}

/** `isWhole` where what is left begins with another head, or with what is none. */
export function withoutInterim(bytes: Buffer): { readonly rest: Buffer; readonly isWhole: boolean } {
  let rest = bytes;
  for (;;) {
    const beginning = rest.subarray(0, start.length);
    if (!start.subarray(0, beginning.length).equals(beginning)) return { rest, isWhole: true };
    if (rest.length < startBytes) return { rest, isWhole: false };
    if (!interim.test(rest.toString('latin1', start.length + 1, startBytes))) return { rest, isWhole: true };
    const end = endOfHead(rest);
    if (end === undefined) return { rest, isWhole: rest.length > maxHeadBytes };
    rest = rest.subarray(end);
  }
}

/** Returns the place behind the empty line that ends a head. Some devices end lines with LF alone (RFC 9112, section 2.2). */
function endOfHead(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at + 1] === lf) return at + 2;
    if (bytes[at + 1] === cr && bytes[at + 2] === lf) return at + 3;
  }
  return undefined;
}

import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';

/**
 * A UDP socket that speaks with one peer only: the system drops what others send to it, and says when the peer's host has
 * nothing at that port. A request that `mayRequest` forbids is dropped. Rejects where there is no such host or no way to it.
 */
export async function openPeerSocket(
  peer: { readonly host: string; readonly port: number },
  mayRequest: () => boolean,
): Promise<Socket> {
  const { address, family } = await lookup(peer.host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    const connected = once(socket, 'connect');
    socket.connect(peer.port, address);
    await connected;
  } catch (error) {
    socket.close();
    throw error;
  }
  return forNodeCoap(socket, mayRequest);
}

/** node-coap names the peer each time that it sends, which a connected socket refuses. */
function forNodeCoap(socket: Socket, mayRequest: () => boolean): Socket {
  const send = socket.send.bind(socket);
  type Done = (error: Error | null, bytes: number) => void;
  return Object.assign(socket, {
    send(bytes: Buffer, offset: number, length: number, _port: number, _host: string, done: Done) {
      if (!isRequest(bytes) || mayRequest()) send(bytes, offset, length, done);
    },
  });
}

/** Codes 0.01 to 0.31 (RFC 7252, section 3). */
function isRequest(bytes: Buffer): boolean {
  const code = bytes[1] ?? 0;
  return code > 0 && code < 32;
}

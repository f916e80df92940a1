import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** An empty confirmable message, which every CoAP endpoint answers with a reset (RFC 7252, section 4.3). */
const ping = Buffer.from('40000001', 'hex');

/** Resolves to true if a CoAP endpoint of 127.0.0.1 answers in time. */
export async function answersPing(port: number, timeoutMs: number): Promise<boolean> {
  const socket = createSocket('udp4');
  socket.on('error', () => {
    // Nothing listens there yet, which the deadline says as well.
  });
  try {
    socket.send(ping, port, '127.0.0.1');
    await once(socket, 'message', { signal: AbortSignal.timeout(timeoutMs) });
    return true;
  } catch {
    // No answer: that is what was asked.
    return false;
  } finally {
    socket.close();
  }
}

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { generate, parse } from 'coap-packet';
import { type Answers, createAnswers } from './answers.js';
import { isNeighbour } from './is-neighbour.js';

/** A UDP server that answers each CoAP request with any code, options and payload; the neighbour with 2.04. */
export interface CoapDevices extends AsyncDisposable {
  readonly url: string;
  /** Each begins with its code, and has the rest of a datagram behind the token. */
  readonly answers: Answers;
}

export async function startCoapDevices(): Promise<CoapDevices> {
  const answers = createAnswers();
  const socket = createSocket('udp4');
  socket.on('message', (datagram, { port, address }) => {
    let request: ReturnType<typeof parse>;
    try {
      request = parse(datagram);
    } catch {
      return;
    }
    // Empty messages, acknowledgements and resets.
    if (!request.code.startsWith('0.0') || request.code === '0.00') return;
    const { messageId, token } = request;
    const path = request.options.map(({ value }) => String(value)).join('/');
    const answer = isNeighbour(path) ? undefined : answers.take();
    const reply = generate({ ack: true, code: '2.04', messageId, token });
    if (answer !== undefined && answer.length > 0) reply[1] = answer[0] ?? 0;
    socket.send(
      answer === undefined ? reply : Buffer.concat([reply, answer.subarray(1, 1_400)]),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    url: `coap://127.0.0.1:${socket.address().port}`,
    answers,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Answers, createAnswers } from './answers.js';
import { isNeighbour } from './is-neighbour.js';

const good = 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n';

/** A TCP server that answers each HTTP request with any bytes; the neighbour and all requests without an answer with 204. */
export interface HttpDevices extends AsyncDisposable {
  readonly url: string;
  readonly answers: Answers;
}

export async function startHttpDevices(): Promise<HttpDevices> {
  const answers = createAnswers();
  const server = createServer((socket) => {
    let request = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      const answer = isNeighbour(request.split('\r\n', 1)[0] ?? '') ? undefined : answers.take();
      request = '';
      socket.end(answer ?? good);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

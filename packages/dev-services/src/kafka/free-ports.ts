import { createServer } from 'node:net';

// Below the ports that systems give to outgoing connections. There, a client that keeps calling a killed broker can end
// up connected to itself, and the broker cannot have its port back.
const lowest = 10_000;
const highest = 32_000;

/**
 * A function that finds ports of 127.0.0.1 on which nothing listens, never the same twice: one at random, or the first
 * from `from` upwards.
 */
export function createPortFinder(): (from?: number) => Promise<number> {
  const given = new Set<number>();
  return async (from) => {
    for (let next = from; ; ) {
      const port = next === undefined ? lowest + Math.floor(Math.random() * (highest - lowest)) : next++;
      if (given.has(port) || !(await isFree(port))) continue;
      given.add(port);
      return port;
    }
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

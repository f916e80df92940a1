import { expect, test } from 'vitest';
import { createWorld, event } from '../../test/world.js';

test('the overview counts commands, measures their way, and has the lag of the connectors', async () => {
  const { ask, write } = await createWorld({
    parts: { connectorLags: async () => [{ protocol: 'mqtt', groupId: 'g', lag: 3, members: 2 }] },
  });
  const pushedAtMs = Date.now() - 10_000;
  const at = (ms: number) => ({ timestamp: new Date(pushedAtMs + ms), protocol: 'mqtt' });
  await write(
    event('published', at(0)),
    event('dispatched', at(10)),
    event('delivered', { ...at(40), evidence: 'device' }),
    event('waiting', { ...at(50), requestId: 'r2' }),
    event('dead', { ...at(60), requestId: 'r3' }),
    event('cancelled', { ...at(-600_000), requestId: 'r4' }),
  );
  const recent = { delivered: 1, waiting: 1, dead: 1 };
  const expected = {
    states: { ...recent, cancelled: 1 },
    last_minute: recent,
    latency_ms: { p50: 40, p99: 40, count: 1 },
    connectors: [{ protocol: 'mqtt', group: 'g', lag: 3, members: 2, waiting: 1 }],
  };
  await expect
    .poll(async () => (await ask('GET', '/v1/overview')).body, { interval: 200 })
    .toEqual({ at: expect.any(String), ...expected });
});

import { expect, onTestFinished, test } from 'vitest';
import { createWorld, event } from '../../test/world.js';

/** Reads a stream of events until it has so many, with their ids. */
async function readEvents(url: string, count: number, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const response = await fetch(url, { headers, signal: controller.signal });
  const events: { id: string; data: Record<string, unknown> }[] = [];
  let unread = '';
  const opened = Promise.withResolvers<void>();
  const read = (async () => {
    for await (const bytes of response.body ?? []) {
      opened.resolve();
      unread += Buffer.from(bytes).toString();
      const frames = unread.split('\n\n');
      unread = frames.pop() ?? '';
      for (const frame of frames) {
        const [, id = '', data = ''] = /^id: (.*)\nevent: .*\ndata: (.*)$/.exec(frame) ?? [];
        if (data !== '') events.push({ id, data: JSON.parse(data) });
      }
      if (events.length >= count) break;
    }
    controller.abort();
    return events;
  })();
  await opened.promise;
  return { status: response.status, type: response.headers.get('content-type'), read };
}

test('events are streamed by filter, and after the last one that was read', async () => {
  const { app, write } = await createWorld();
  const url = `${await app.listen({ port: 0 })}/v1/events`;
  const all = await readEvents(url, 3);
  const some = await readEvents(`${url}?device=d1&state=delivered,succeeded`, 1);
  expect(all).toMatchObject({ status: 200, type: 'text/event-stream' });
  await write(event('dispatched'), event('delivered'), event('delivered', { deviceId: 'd2' }));
  const events = await all.read;
  expect(events.map(({ data }) => [data.device_id, data.state])).toEqual([
    ['d1', 'dispatched'],
    ['d1', 'delivered'],
    ['d2', 'delivered'],
  ]);
  expect((await some.read).map(({ data }) => data.state)).toEqual(['delivered']);
  const resumed = await readEvents(url, 2, { 'last-event-id': String(events[0]?.id) });
  expect(await resumed.read).toEqual(events.slice(1));
});

test('a position that is not valid is refused', async () => {
  const { ask } = await createWorld();
  const answer = await ask('GET', '/v1/events', { headers: { 'last-event-id': 'x' } });
  expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
});

test('streams end when the gateway stops', async () => {
  const { app, stopping } = await createWorld();
  const { read } = await readEvents(`${await app.listen({ port: 0 })}/v1/events`, 1);
  stopping.abort();
  expect(await read).toEqual([]);
});

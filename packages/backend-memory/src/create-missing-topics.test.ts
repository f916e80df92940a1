import { createMissingTopics, type TopicAdmin } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createMemoryBackend, createMemoryBroker } from './index.js';

test('creates what is missing, and leaves what is there as it is', async () => {
  const backend = createMemoryBackend();
  await backend.createTopic({ topic: 'a', partitions: 2 });
  await createMissingTopics(backend, [
    { topic: 'a', partitions: 3 },
    { topic: 'b', partitions: 3 },
  ]);
  expect(await backend.listTopics()).toEqual([
    { topic: 'a', partitions: 2 },
    { topic: 'b', partitions: 3 },
  ]);
});

test('several processes may do so at the same time', async () => {
  const broker = createMemoryBroker();
  const admins = [createMemoryBackend({ broker }), createMemoryBackend({ broker })];
  await Promise.all(admins.map((admin) => createMissingTopics(admin, [{ topic: 'a' }, { topic: 'b' }])));
  expect(broker.listTopics().map(({ topic }) => topic)).toEqual(['a', 'b']);
});

test('a topic that another process has just created is waited for', async () => {
  const backend = createMemoryBackend();
  await backend.createTopic({ topic: 'a' });
  let asked = 0;
  const lagging: TopicAdmin = {
    ...backend,
    listTopics: async () => (asked++ < 2 ? [] : backend.listTopics()),
  };
  await createMissingTopics(lagging, [{ topic: 'a' }]);
  expect(asked).toBe(3);
});

test('an error that prevents the creation of a topic is passed on', async () => {
  const backend = createMemoryBackend();
  await expect(createMissingTopics(backend, [{ topic: 'a', partitions: 0 }])).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
});

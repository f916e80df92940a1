import { Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { createWorld } from '../../test/world.js';
import { defaultTopicNames, describeTopics } from './describe-topics.js';

const problemsOf = async (document: object) => {
  const diagnostics = await new Parser().validate(JSON.stringify(document));
  return diagnostics
    .filter(({ code }) => code !== 'asyncapi-latest-version')
    .map(({ code, message, path }) => `${code} ${path.join('.')}: ${message}`);
};

test('docs/asyncapi.json is the description that the gateway gives', async () => {
  const { ask } = await createWorld();
  const { body } = await ask('GET', '/asyncapi.json');
  const path = new URL('../../../../docs/asyncapi.json', import.meta.url).pathname;
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot(path);
});

test('the description of the topics is AsyncAPI', async () => {
  expect(await problemsOf(describeTopics(defaultTopicNames))).toEqual([]);
  const { channels: _, ...others } = describeTopics(defaultTopicNames) as { channels: object };
  expect(await problemsOf(others)).not.toEqual([]);
});

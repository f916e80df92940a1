import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const contracts = join(root, 'scripts/contracts');
const { breakingApiChanges } = await import(join(contracts, 'breaking-api-changes.mjs'));
const { breakingTopicChanges } = await import(join(contracts, 'breaking-topic-changes.mjs'));

// biome-ignore lint/suspicious/noExplicitAny: the documents are changed in places that no type knows
type Document = any;
const read = (name: string): Document => JSON.parse(readFileSync(join(root, 'docs', name), 'utf8'));

/** The changes that break callers, of a document that is changed by hand. */
function afterChange(name: string, change: (document: Document) => void): readonly string[] {
  const [base, head] = [read(name), read(name)];
  change(head);
  return name === 'openapi.json' ? breakingApiChanges(base, head) : breakingTopicChanges(base, head);
}

test('a document breaks nothing of itself, nor with another route, optional field or parameter', () => {
  expect(afterChange('asyncapi.json', () => {})).toEqual([]);
  const changes = afterChange('openapi.json', ({ paths, components }) => {
    paths['/v1/more'] = paths['/v1/overview'];
    components.schemas.Command.properties.more = { type: 'string' };
    components.schemas.NewCommandInput.properties.more = { type: 'string' };
    paths['/v1/commands'].get.parameters.push({ in: 'query', name: 'more', schema: { type: 'string' } });
  });
  expect(changes).toEqual([]);
});

const ofApi: readonly [string, (document: Document) => void, string][] = [
  ['a route', ({ paths }) => delete paths['/v1/overview'], 'GET /v1/overview: the route was removed'],
  [
    'a parameter',
    ({ paths }) => paths['/v1/commands'].post.parameters.shift(),
    'POST /v1/commands: the parameter query wait was removed',
  ],
  [
    'a value of a parameter',
    ({ paths }) => paths['/v1/commands'].post.parameters[0].schema.enum.pop(),
    'POST /v1/commands: parameter query wait: the value: succeeded is no longer allowed',
  ],
  [
    'a new required parameter',
    ({ paths }) => paths['/v1/commands'].get.parameters.push({ in: 'query', name: 'more', required: true }),
    'GET /v1/commands: the parameter query more became required',
  ],
  [
    'a field of a body',
    ({ components }) => delete components.schemas.NewCommandInput.properties.priority,
    'POST /v1/commands: body: priority: the field was removed',
  ],
  [
    'a field of a body that becomes required',
    ({ components }) => components.schemas.NewCommandInput.required.push('priority'),
    'POST /v1/commands: body: priority: the field became required',
  ],
  [
    'a field of an answer',
    ({ components }) => delete components.schemas.Receipt.properties.topic,
    'POST /v1/commands: answer 202: topic: the field was removed',
  ],
  [
    'a field of an answer that becomes optional',
    ({ components }) => components.schemas.Command.required.splice(0, 1),
    'GET /v1/commands/{id}: answer 200: request_id: the field became optional',
  ],
  [
    'a type of an answer',
    ({ components }) => Object.assign(components.schemas.Command.properties.request_id, { type: 'number' }),
    'GET /v1/commands/{id}: answer 200: request_id: the type string became number',
  ],
  [
    'an answer',
    ({ paths }) => delete paths['/v1/commands'].post.responses['202'],
    'POST /v1/commands: the answer 202 was removed',
  ],
];

test.each(ofApi)('%s of the API that breaks callers is named', (_, change, line) => {
  expect(afterChange('openapi.json', change)).toContain(line);
});

const ofTopics: readonly [string, (document: Document) => void, string][] = [
  ['a topic', ({ channels }) => delete channels.events, 'events: the topic was removed'],
  [
    'the name of a topic',
    ({ channels }) => Object.assign(channels.events, { address: 'other' }),
    'events: device_command_events became other',
  ],
  [
    'a field',
    ({ components }) => delete components.schemas.lifecycleEvent.properties.result,
    'events, lifecycleEvent: payload: result: the field was removed',
  ],
  [
    'a field that becomes required',
    ({ components }) => components.schemas.command.required.push('supersede_key'),
    'commands, command: payload: supersede_key: the field became required',
  ],
  [
    'a state',
    ({ components }) => components.schemas.lifecycleEvent.properties.state.enum.pop(),
    'events, lifecycleEvent: payload: state: dead is no longer allowed',
  ],
];

test.each(ofTopics)('%s of Kafka that breaks programs is named', (_, change, line) => {
  expect(afterChange('asyncapi.json', change)).toContain(line);
});

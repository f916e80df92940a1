import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topicProblem } from './mqtt-text.js';
import { compileTopicTemplate } from './topic-template.js';

const templates = [
  'devices/{deviceId}/commands',
  '{deviceId}',
  '{deviceId}/{requestId}',
  '/a/{requestId}//{deviceId}/b',
  'devices/{deviceId}/commands/{requestId}/response',
  'devices/{+deviceId}/commands/{requestId}',
  '{+deviceId}',
];
const compiled = templates.map((template) => compileTopicTemplate('topicTemplate', template));
const anyTemplate = fc.constantFrom(...compiled);
const nastyId = fc.oneof(
  fc.string({ unit: fc.constantFrom('+', '#', '/', '\0', '$', '{', '}', 'a', 'deviceId') }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('$SYS', '$share', '{requestId}', '{deviceId}', '$&', '..'),
);

describe('no device id and no request id', () => {
  test('yields a wildcard, or a topic of the broker', () => {
    fc.assert(
      fc.property(anyTemplate, nastyId, nastyId, (template, deviceId, requestId) => {
        const topic = template.fill({ deviceId, requestId });
        if (topic !== undefined) expect(topicProblem(topic) ?? topic).not.toMatch(/[+#\0]|^\$/);
        expect(template.problemOf({ deviceId, requestId }) === undefined).toBe(topic !== undefined);
      }),
    );
  });

  test("yields another's topic: what is read from it is what was filled in", () => {
    fc.assert(
      fc.property(anyTemplate, nastyId, nastyId, (template, deviceId, requestId) => {
        const topic = template.fill({ deviceId, requestId });
        if (topic === undefined) return;
        expect(template.read(topic)).toEqual(
          template.names('requestId') ? { deviceId, requestId } : { deviceId },
        );
        expect(template.filters.some((filter) => matches(filter, topic))).toBe(true);
      }),
    );
  });

  test('that is a harmless level is refused', () => {
    fc.assert(
      fc.property(anyTemplate, fc.uuid(), fc.uuid(), (template, deviceId, requestId) => {
        expect(template.fill({ deviceId, requestId })).toBeDefined();
      }),
    );
  });
});

test('a topic of another form is not read', () => {
  const template = compileTopicTemplate('topicTemplate', 'devices/{deviceId}/commands');
  const others = [
    '',
    'devices',
    'devices//commands',
    'devices/a/status',
    'devices/a/commands/',
    'x/a/commands',
  ];
  expect(others.map(template.read)).toEqual(others.map(() => undefined));
});

test.each([
  [templates[0], ['devices/+/commands']],
  [templates[3], ['/a/+//+/b']],
  [templates[6], ['+', '+/+', '+/+/+', '+/+/+/+']],
])('the filters of %s are %j', (template, filters) => {
  expect(compileTopicTemplate('topicTemplate', template ?? '').filters).toEqual(filters);
});

test.each([
  ['', 'once'],
  ['devices/commands', 'once'],
  ['{deviceId}/{deviceId}', 'once'],
  ['{deviceId}/{requestId}/{requestId}', 'once'],
  ['devices/d-{deviceId}', 'whole level'],
  ['devices/{device}', 'whole level'],
  ['+/{deviceId}', 'wildcards'],
  ['{deviceId}/#', 'wildcards'],
  ['{deviceId}/a\tb', 'control characters'],
  ['$share/{deviceId}', 'begin with $'],
])('the template %j is CONFIGURATION_INVALID: %s', (template, text) => {
  expect(() => compileTopicTemplate('topicTemplate', template)).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringMatching(new RegExp(`^topicTemplate: .*${text.replace('$', '\\$')}`)),
    }),
  );
});

test.each([
  ['devices/{deviceId}/x', 'living_room/lamp', 'has a "/", which {+deviceId} in the template allows'],
  ['devices/{+deviceId}/x', 'a/b/c/d/e', 'has more than 4 levels'],
  ['devices/{+deviceId}/x', 'a//b', 'has an empty level'],
  ['devices/{+deviceId}/x', '/a', 'has an empty level'],
  ['devices/{+deviceId}/x', 'a/+', 'has a wildcard'],
  ['devices/{deviceId}/x', '#', 'has a wildcard'],
  ['devices/{deviceId}/x', 'a\tb', 'has control characters'],
  ['devices/{deviceId}/x', 'a\ufffe', 'has control characters or non-characters'],
  ['{deviceId}/x', '$SYS', 'begins with $'],
])('in %s the device id %j cannot stand: it %s', (text, deviceId, problem) => {
  const template = compileTopicTemplate('topicTemplate', text);
  expect(template.fill({ deviceId, requestId: 'r' })).toBeUndefined();
  expect(template.problemOf({ deviceId, requestId: 'r' })).toContain(problem);
});

/** Returns true if a topic filter with single-level wildcards matches a topic. */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return (
    wanted.length === levels.length && wanted.every((level, at) => level === '+' || level === levels[at])
  );
}

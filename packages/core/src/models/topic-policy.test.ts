import { describe, expect, test } from 'vitest';
import { createTopicPolicy, defaultCommandTopics, defaultDeviceTopics } from './topic-policy.js';

const policy = createTopicPolicy({ deviceTopics: defaultDeviceTopics });
const problemOf = (topic: string, deviceId = 'a') => policy.problemOf({ deviceId, topic });

test.each(['devices/a/commands', 'a', 'x/y/a', 'a/led', 'devices/a/settings', 'devices/a/status/led'])(
  'a command of device a may go to %s',
  (topic) => {
    expect(problemOf(topic)).toBeUndefined();
  },
);

test.each([
  'devices/b/commands',
  'devices/ab/commands',
  'devices/A/x',
  'x',
  '$SYS/a',
  '$share/g/a',
  'devices//x',
])('a command of device a may not go to %s, and the reason names the option', (topic) => {
  expect(problemOf(topic)).toContain('allow it with commandTopics (MQTT_COMMAND_TOPICS)');
});

test.each([
  ['devices/b/settings/reported', 'reportedSettingsTopicTemplate'],
  ['devices/a/settings/reported', 'reportedSettingsTopicTemplate'],
  ['devices/b/commands/r1/response', 'responseTopicTemplate'],
  ['devices/b/status', 'presenceTopicTemplate'],
])('no command may go to %s, where devices speak', (topic, option) => {
  for (const deviceId of ['a', 'b', 'devices', 'settings', 'r1']) {
    expect(problemOf(topic, deviceId)).toContain(`is a topic on which devices speak (${option})`);
  }
});

test.each([
  ['devices/{deviceId}/commands', 'devices', 'devices/pump/commands'],
  ['devices/{+deviceId}/commands', 'lamp', 'devices/living_room/lamp/commands'],
  ['devices/{+deviceId}/commands', 'living_room', 'devices/living_room/lamp/commands'],
])('with the template %s, a command of device %s may not go to %s', (topicTemplate, deviceId, topic) => {
  const { problemOf } = createTopicPolicy({ filledTopics: { topicTemplate } });
  expect(problemOf({ deviceId, topic })).toContain('it is that of another device');
  expect(problemOf({ deviceId, topic: `${topic}/led` })).toBeUndefined();
  expect(problemOf({ deviceId, topic: topicTemplate.replace(/\{.*\}/, deviceId) })).toBeUndefined();
});

test('the topics of devices are refused as well where templates allow them', () => {
  const open = createTopicPolicy({ commandTopics: ['#'], deviceTopics: defaultDeviceTopics });
  expect(open.problemOf({ deviceId: 'a', topic: 'anything/at/all' })).toBeUndefined();
  expect(open.problemOf({ deviceId: 'a', topic: 'devices/b/status' })).toContain('devices speak');
});

test.each([
  ['devices/{deviceId}/#', 'devices/a/x/y', true],
  ['devices/{deviceId}/#', 'devices/a', true],
  ['devices/{deviceId}/#', 'devices/b/a', false],
  ['+/{deviceId}/led', 'room/a/led', true],
  ['+/{deviceId}/led', 'room/a/led/x', false],
  ['+/{deviceId}/led', 'room/b/led', false],
  ['all/commands', 'all/commands', true],
  ['$aws/things/{deviceId}/shadow/update', '$aws/things/a/shadow/update', true],
])('template %s and topic %s: %s', (template, topic, isAllowed) => {
  const strict = createTopicPolicy({ commandTopics: ['never/{deviceId}', template] });
  expect(strict.problemOf({ deviceId: 'a', topic }) === undefined).toBe(isAllowed);
});

test.each(['devices/{deviceId}/#', 'devices/{deviceId}/set', '+/{deviceId}/set'])(
  'an id with levels stands for {deviceId} of %s',
  (template) => {
    const strict = createTopicPolicy({ commandTopics: [template] });
    const topic = 'devices/living_room/lamp/set';
    expect(strict.problemOf({ deviceId: 'living_room/lamp', topic })).toBeUndefined();
    expect(strict.problemOf({ deviceId: 'living_room/lam', topic })).toBeDefined();
    expect(policy.problemOf({ deviceId: 'living_room/lamp', topic })).toBeUndefined();
    expect(policy.problemOf({ deviceId: 'room/lamp', topic })).toBeDefined();
  },
);

test('ids are checked against the templates that they fill', () => {
  const filling = createTopicPolicy({ filledTopics: { topicTemplate: 'devices/{deviceId}/{requestId}' } });
  expect(filling.problemOfIds({ deviceId: 'a', requestId: 'r' })).toBeUndefined();
  expect(filling.problemOfIds({ deviceId: 'a', requestId: 'r/1' })).toContain(
    'the request id "r/1" has a "/"',
  );
  expect(filling.problemOfIds({ deviceId: 'a#' })).toContain('the device id "a#" has a wildcard');
});

test.each([['x{deviceId}'], ['{device}'], ['a/#/b'], ['a+'], []])(
  'templates [%s] are refused',
  (...commandTopics) => {
    expect(() => createTopicPolicy({ commandTopics })).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringMatching(/^commandTopics: /),
      }),
    );
  },
);

test('a wildcard of commandTopics at the beginning fits no topic of the broker, such as $share or $delayed of EMQX', () => {
  for (const template of ['+/{deviceId}', '+/#', '#']) {
    const policy = createTopicPolicy({ commandTopics: [template] });
    expect(policy.problemOf({ deviceId: 'a', topic: 'home/a' })).toBeUndefined();
    expect(policy.problemOf({ deviceId: 'a', topic: '$delayed/a' })).toContain('no template fits');
  }
  const named = createTopicPolicy({ commandTopics: ['$delayed/{deviceId}'] });
  expect(named.problemOf({ deviceId: 'a', topic: '$delayed/a' })).toBeUndefined();
});

describe('with topics of device types', () => {
  const policy = createTopicPolicy({
    deviceTopics: defaultDeviceTopics,
    filledTopics: { ...defaultCommandTopics, set: 'zigbee2mqtt/{+deviceId}/set', rpc: '{+deviceId}/rpc' },
    answerTopics: { state: 'zigbee2mqtt/{+deviceId}', answer: 'preservarium/{+deviceId}/rpc' },
  });

  test.each([
    ['kitchen/lamp', 'zigbee2mqtt/kitchen/lamp/set'],
    ['relay', 'relay/rpc'],
    ['lamp', 'devices/lamp/commands'],
  ])('a command of %s may go to %s', (deviceId, topic) => {
    expect(policy.problemOf({ deviceId, topic })).toBeUndefined();
  });

  test.each([
    ['kitchen', 'zigbee2mqtt/kitchen', 'devices speak (state)'],
    ['lamp', 'zigbee2mqtt/kitchen/lamp', 'devices speak (state)'],
    ['rpc', 'preservarium/relay/rpc', 'devices speak (answer)'],
    ['preservarium/relay', 'preservarium/relay/rpc', 'devices speak (answer)'],
    ['set', 'zigbee2mqtt/lamp/set', 'is that of another device'],
    ['rpc', 'relay/rpc', 'is that of another device'],
  ])('a command of %s may not go to %s', (deviceId, topic, problem) => {
    expect(policy.problemOf({ deviceId, topic })).toContain(problem);
  });
});

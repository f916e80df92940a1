import { parseCommand } from '@preservarium/core';
import type { IPublishPacket } from 'mqtt';
import { expect, test } from 'vitest';
import { compileDeviceTypes } from './mqtt-device-types.js';
import { createSentCommands } from './mqtt-sent-commands.js';

test('no device answers the command of another one on a topic that the templates of two types fit', () => {
  const answer = (topic: string) => ({ topic, answer: { topic, success: { pattern: 'ON' } } });
  const types = {
    plug: { commands: { set: answer('{deviceId}/state/set') } },
    lamp: { commands: { set: answer('home/{deviceId}/set') } },
  };
  const compiled = compileDeviceTypes({ types, typeOf: (id) => (id === 'home' ? 'lamp' : 'plug') });
  const sent = createSentCommands(compiled, { maxAnswerBytes: 100 });
  const command = parseCommand({ deviceId: 'home', commandType: 'set', protocol: 'mqtt', requestId: 'r' });
  const wire = compiled.find(command);
  if (typeof wire !== 'object') return expect.fail(`no rules: ${wire}`);
  sent.add(command, wire);
  // As the answer of device "home" the topic is one of plugs; as one of lamps it is of device "state".
  const packet = { topic: 'home/state/set', payload: Buffer.from('"ON"'), retain: false };
  expect(sent.read(packet as IPublishPacket)).toEqual({ deviceId: 'home' });
  const own = { ...packet, topic: 'home/home/set' };
  expect(sent.read(own as IPublishPacket)).toMatchObject({ report: { requestId: 'r', state: 'succeeded' } });
});

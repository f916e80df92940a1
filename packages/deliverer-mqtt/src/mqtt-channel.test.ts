import { type CommandInput, parseCommand } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createMqttDeliverer } from './index.js';

const deliverer = createMqttDeliverer({ url: 'mqtt://127.0.0.1' });
const channelOf = (fields: Partial<CommandInput>) =>
  deliverer.channelOf?.(
    parseCommand({ deviceId: 'd1', commandType: 'set', protocol: 'mqtt', payload: {}, ...fields }),
  );

test('a command with a topic of its own is ordered in that topic, and any other one with its device', () => {
  expect(channelOf({ topic: 'lights/all' })).toBe('lights/all');
  expect(channelOf({})).toBeUndefined();
});

test('a command that names the topic in which the others of its device go is ordered with them', () => {
  expect(channelOf({ topic: 'devices/d1/commands' })).toBeUndefined();
  expect(channelOf({ topic: 'devices/d2/commands' })).toBe('devices/d2/commands');
});

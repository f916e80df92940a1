import { expect, test } from 'vitest';
import { createMqttDeliverer, type MqttDelivererOptions } from './index.js';

const url = 'mqtt://localhost:1883';

test.each<[string, MqttDelivererOptions]>([
  ['url: is not', { url: 'localhost:1883' }],
  ['url: is not', { url: 'http://localhost' }],
  ['url: names a clientId', { url: 'ws://localhost/?clientId=x' }],
  ['url: holds credentials', { url: 'wss://user:secret@localhost' }],
  ['tls: is for', { url: 'ws://localhost', tls: {} }],
  ['url: is not', { url: 'mqtt://' }],
  ['url: holds credentials', { url: 'mqtt://user:secret@localhost' }],
  ['tls: is for', { url, tls: {} }],
  ['clientId: ', { url, clientId: '' }],
  ['answerGroup: ', { url, answerGroup: 'a/b' }],
  ['answerGroup: ', { url, answerGroup: '' }],
  ['topicTemplate: ', { url, topicTemplate: 'devices/commands' }],
  ['awayWords: ', { url, presentWords: ['1', 'on'], awayWords: ['0', 'on'] }],
  ['presenceTopicTemplate: ', { url, presenceTopicTemplate: 'devices/#' }],
  ['responseTopicTemplate: needs', { url, protocolVersion: 4, responseTopicTemplate: '{deviceId}/r' }],
  ['settingsTopicTemplate: must have no', { url, settingsTopicTemplate: '{deviceId}/{requestId}' }],
  ['reportedSettingsTopicTemplate: ', { url, reportedSettingsTopicTemplate: 'reported' }],
  ['timeoutMs: 0', { url, timeoutMs: 0 }],
  ['maxInFlight: 65536', { url, maxInFlight: 65_536 }],
  ['maxAnswerBytes: 1.5', { url, maxAnswerBytes: 1.5 }],
  ['sessionExpirySeconds: NaN', { url, sessionExpirySeconds: Number.NaN }],
])('%s… is CONFIGURATION_INVALID', (text, settings) => {
  expect(() => createMqttDeliverer(settings)).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining(text) }),
  );
  expect(() => createMqttDeliverer(settings)).not.toThrow(/secret/);
});

test.each([url, 'mqtts://localhost', 'mqtt://[::1]:1883', 'ws://localhost:8080/mqtt?a=b', 'wss://localhost'])(
  '%s will do',
  (address) => {
    expect(createMqttDeliverer({ url: address })).toMatchObject({ protocol: 'mqtt' });
  },
);

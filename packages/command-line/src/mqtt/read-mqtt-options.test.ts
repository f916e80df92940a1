import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { mqttVariableOf, readMqttOptions } from './index.js';

test('the options of the deliverer come from the variables that the table names for them', () => {
  const environment = {
    MQTT_URL: 'mqtt://broker.example:1884',
    MQTT_PROTOCOL_VERSION: '3.1.1',
    MQTT_CLIENT_ID: 'connector-1',
    MQTT_ANSWER_GROUP: 'connectors-7f3a',
    MQTT_CA: rootCertificates[0],
    MQTT_TOPIC_TEMPLATE: 'a/{deviceId}',
    MQTT_COMMAND_TOPICS: 'a/{deviceId}/#, b/{deviceId}',
    MQTT_RESPONSE_TOPIC_TEMPLATE: 'r/{deviceId}/{requestId}',
    MQTT_SETTINGS_TOPIC_TEMPLATE: 's/{deviceId}',
    MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE: 's/{deviceId}/reported',
    MQTT_PRESENCE_TOPIC_TEMPLATE: 'p/{deviceId}',
    MQTT_RETAIN_EXPIRING: 'true',
    MQTT_EXPIRES_AT_FIELD: 'expires_at',
    MQTT_PRESENT_WORDS: 'Online,true',
    MQTT_AWAY_WORDS: 'Offline,false',
    MQTT_PRESENCE_FIELD: 'state',
  };
  const { tls, ...options } = readMqttOptions(environment);
  expect(Object.keys({ tls, ...options }).sort()).toEqual([...Object.keys(mqttVariableOf), 'qos'].sort());
  expect(options).toMatchObject({
    protocolVersion: 4,
    commandTopics: ['a/{deviceId}/#', 'b/{deviceId}'],
    presentWords: ['Online', 'true'],
    retainExpiring: true,
    qos: 1,
  });
});

test('without variables it has the defaults and nothing that is undefined', () => {
  expect(readMqttOptions({})).toEqual({
    url: 'mqtt://localhost:1883',
    protocolVersion: 5,
    qos: 1,
    retainExpiring: false,
  });
});

test('a password in a file is read again', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'mqtt-options-')), 'password');
  await writeFile(file, 'first');
  const { password } = readMqttOptions({ MQTT_USERNAME: 'connector', MQTT_PASSWORD_FILE: file });
  await writeFile(file, 'second');
  expect(typeof password === 'function' && password()).toBe('second');
});

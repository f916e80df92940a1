import { BackendUnavailableError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { endsSubscription } from './rdkafka-failures.js';
import { toPusherError } from './to-pusher-error.js';

test.each([
  ['AUTHENTICATION_FAILED', { code: -169, message: 'Local: Authentication failure' }],
  ['AUTHENTICATION_FAILED', { code: -1, message: 'ssl error' }],
  ['AUTHORIZATION_FAILED', { code: 29, message: 'Broker: Topic authorization failed' }],
  ['BACKEND_UNAVAILABLE', { code: -195, message: 'Local: Broker transport failure' }],
  ['BACKEND_UNAVAILABLE', { code: 74, message: 'Broker: Leader epoch is older than broker epoch' }],
  ['BACKEND_UNAVAILABLE', { code: -1, message: 'Broker: Not leader for partition' }],
  ['BACKEND_UNAVAILABLE', { code: 14, message: 'Broker: Coordinator load in progress' }],
  ['BACKEND_UNAVAILABLE', { code: -150, message: 'Local: Fatal error' }],
  ['CONFIGURATION_INVALID', { code: 38, message: 'too many replicas' }],
  ['MESSAGE_TOO_LARGE', { code: -1, message: 'message size too large' }],
  ['PUBLISH_TIMED_OUT', { code: -1, message: 'message timed out' }],
  ['PUBLISH_FAILED', { code: -1, message: 'something new' }],
  ['TOPIC_EXISTS', { code: 36, message: "Topic 'commands' already exists." }],
  ['TOPIC_UNKNOWN', { code: -1, message: 'unknown topic or partition' }],
])('%s', (code, { message, ...fields }) => {
  const cause = Object.assign(new Error(message), fields);
  const context = { topic: 'commands', sizeBytes: 10, timeoutMs: 1000 };
  expect(toPusherError(cause, context)).toMatchObject({ code, cause });
});

test.each([
  { code: 29, message: 'Broker: Topic authorization failed' },
  { code: 30, message: 'Broker: Group authorization failed' },
  { code: 31, message: 'Broker: Cluster authorization failed' },
])('a refusal to write a dead letter names the topic: $message', ({ message, code }) => {
  const cause = Object.assign(new Error(message), { code });
  expect(toPusherError(cause, { topic: 'device_commands_dead' }).message).toBe(
    `the brokers do not allow this with the topic "device_commands_dead": ${message}`,
  );
  expect(toPusherError(cause).message).toBe(`the brokers do not allow this: ${message}`);
});

test('a report that a record timed out does not say that it was not written', () => {
  expect(toPusherError(new Error('Local: Message timed out'), { timeoutMs: 1000 })).toMatchObject({
    mayBeWritten: true,
    timeoutMs: 1000,
  });
});

test('an error that is coded already stays as it is', () => {
  const error = new BackendUnavailableError('no broker');
  expect(toPusherError(error)).toBe(error);
});

test('a consumer recovers by itself where brokers are away, and not where they refuse it', () => {
  expect(endsSubscription(Object.assign(new Error('Local: Broker transport failure'), { code: -195 }))).toBe(
    false,
  );
  expect(endsSubscription(Object.assign(new Error('Local: Maximum poll interval'), { code: -147 }))).toBe(
    false,
  );
  expect(endsSubscription(Object.assign(new Error('Broker: Not coordinator'), { code: 16 }))).toBe(false);
  expect(endsSubscription(Object.assign(new Error('Broker: Group authorization failed'), { code: 30 }))).toBe(
    true,
  );
});

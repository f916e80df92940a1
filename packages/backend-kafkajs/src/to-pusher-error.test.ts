import { PublishFailedError } from '@preservarium/core';
import {
  KafkaJSAggregateError,
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  KafkaJSRequestTimeoutError,
} from 'kafkajs';
import { expect, test } from 'vitest';
import { toPusherError } from './to-pusher-error.js';

const context = {
  doing: 'publish to "commands"',
  topic: 'commands',
  sizeBytes: 7,
  otherwise: (message: string, options: { readonly cause: unknown }) =>
    new PublishFailedError(message, options),
};

function protocolError(type: string, retriable = false): KafkaJSProtocolError {
  return new KafkaJSProtocolError(Object.assign(new Error(`refused: ${type}`), { type, retriable, code: 1 }));
}

/** kafkajs' types know no arguments of this error. */
function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const unreachable = new KafkaJSConnectionError('Connection error: connect ECONNREFUSED', {
  code: 'ECONNREFUSED',
});
const untrusted = new KafkaJSConnectionError('Connection error: self-signed certificate', {
  code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
});

test.each([
  ['an unreachable broker', unreachable, 'BACKEND_UNAVAILABLE'],
  [
    'a request before the connection is there again',
    new Error('Broker not connected'),
    'BACKEND_UNAVAILABLE',
  ],
  [
    'an unreachable broker after all retries',
    new KafkaJSNumberOfRetriesExceeded(unreachable, { retryCount: 5, retryTime: 1 }),
    'BACKEND_UNAVAILABLE',
  ],
  [
    'an unanswered request',
    new KafkaJSRequestTimeoutError('Request Produce timed out', {
      broker: 'b',
      clientId: 'c',
      correlationId: 1,
      createdAt: 1,
      pendingDuration: 1,
      sentAt: 1,
    }),
    'BACKEND_UNAVAILABLE',
  ],
  ['brokers without enough replicas', protocolError('NOT_ENOUGH_REPLICAS', true), 'BACKEND_UNAVAILABLE'],
  ['an untrusted certificate', untrusted, 'AUTHENTICATION_FAILED'],
  [
    'refused credentials',
    namedError('KafkaJSSASLAuthenticationError', 'no such user'),
    'AUTHENTICATION_FAILED',
  ],
  ['a forbidden topic', protocolError('TOPIC_AUTHORIZATION_FAILED'), 'AUTHORIZATION_FAILED'],
  ['an unknown topic', protocolError('UNKNOWN_TOPIC_OR_PARTITION', true), 'TOPIC_UNKNOWN'],
  ['a record too large', protocolError('MESSAGE_TOO_LARGE'), 'MESSAGE_TOO_LARGE'],
  [
    'a record too large, wrapped',
    new Error('refused', { cause: protocolError('MESSAGE_TOO_LARGE') }),
    'MESSAGE_TOO_LARGE',
  ],
  [
    'one of several errors',
    new KafkaJSAggregateError('Topic creation errors', [protocolError('INVALID_REPLICATION_FACTOR')]),
    'CONFIGURATION_INVALID',
  ],
  ['anything else', protocolError('UNSUPPORTED_FOR_MESSAGE_FORMAT'), 'PUBLISH_FAILED'],
  ['what is no error', 'odd', 'PUBLISH_FAILED'],
])('%s has its code and is kept as the cause', (_what, cause, code) => {
  const error = toPusherError(cause, context);
  expect(error.code).toBe(code);
  expect(error.cause).toBe(cause);
});

test.each(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])(
  'a refusal to write a dead letter names the topic: %s',
  (type) => {
    const topic = 'device_commands_dead';
    const error = toPusherError(protocolError(type), { ...context, doing: `publish to "${topic}"`, topic });
    expect(error.message).toContain(`cannot publish to "${topic}": `);
  },
);

test.each(['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'])(
  'a broker that wants a client certificate is named: %s',
  (code) => {
    const error = toPusherError(new KafkaJSConnectionError('Connection error: alert', { code }), context);
    expect(error.code).toBe('AUTHENTICATION_FAILED');
  },
);

test('a certificate that was refused below kafkajs is named even where kafkajs says something else', () => {
  const connectionFailure = Object.assign(new Error('self-signed certificate'), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  const error = toPusherError(new KafkaJSNonRetriableError('Failed to connect'), {
    ...context,
    connectionFailure,
  });
  expect(error.code).toBe('AUTHENTICATION_FAILED');
  expect(error.cause).toBe(connectionFailure);
});

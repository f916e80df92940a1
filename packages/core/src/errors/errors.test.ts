import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { oneErrorOfEachCode } from '../../test/one-error-of-each-code.js';
import * as core from '../index.js';
import {
  MessageTooLargeError,
  PublishTimedOutError,
  PusherError,
  TopicUnknownError,
  ValidationError,
  WaitTimedOutError,
} from '../index.js';

const retryableCodes = ['BACKEND_UNAVAILABLE', 'PUBLISH_TIMED_OUT', 'QUEUE_FULL', 'STORE_UNAVAILABLE'];

const cause = new Error('what the client said');
const errors: [string, PusherError][] = Object.entries(oneErrorOfEachCode());
const errorsWithCause: Record<string, PusherError> = oneErrorOfEachCode({ cause });
const errorClasses = Object.values(core).filter(
  (value): value is typeof PusherError =>
    typeof value === 'function' && value.prototype instanceof PusherError,
);

test('each class has a code of its own', () => {
  const classesWithCode = new Set(errors.map(([, error]) => error.constructor));
  expect(classesWithCode).toStrictEqual(new Set(errorClasses));
});

describe.each(errors)('%s', (code, error) => {
  test('has its code, the name of its class and says whether a retry may help', () => {
    expect(error).toBeInstanceOf(PusherError);
    expect(error).toMatchObject({ code, name: error.constructor.name });
    expect(error).not.toHaveProperty('cause');
    expect(error.retryable).toBe(retryableCodes.includes(code));
  });

  test('keeps its cause', () => {
    expect(errorsWithCause[code]?.cause).toBe(cause);
  });

  test('is recognised by isInstance of its class only', () => {
    const { isInstance } = error.constructor as typeof PusherError;
    expect(errors.filter(([, other]) => isInstance(other))).toStrictEqual([[code, error]]);
    expect(PusherError.isInstance(error)).toBe(true);
  });
});

test.each([undefined, null, 'CLOSED', { code: 'CLOSED' }, Object.assign(new Error(), { code: 'CLOSED' })])(
  '%o is none of them',
  (value) => {
    expect(PusherError.isInstance(value)).toBe(false);
    expect(core.ClosedError.isInstance(value)).toBe(false);
  },
);

describe('composed messages say what to do', () => {
  const {
    ABORTED,
    CAPABILITY_MISMATCH,
    CLOSED,
    COMMAND_FAILED,
    MESSAGE_TOO_LARGE,
    PUBLISH_TIMED_OUT,
    SETTINGS_CONFLICT,
    TOPIC_EXISTS,
    TOPIC_UNKNOWN,
    WAIT_TIMED_OUT,
  } = oneErrorOfEachCode();

  test.each<[PusherError, string]>([
    [ABORTED, 'publish was aborted by its signal'],
    [
      CAPABILITY_MISMATCH,
      'device "device123" does not support this: commandType: "fly" is not a command of lamp',
    ],
    [CLOSED, 'the pusher service is closed; create a new one'],
    [
      MESSAGE_TOO_LARGE,
      'the record has 1048577 bytes, the limit is 1000000 bytes; send less, or a reference to the data',
    ],
    [
      new MessageTooLargeError(2_000_000),
      "the record has 2000000 bytes, more than the topic's max.message.bytes allows; send less, or a reference to the data",
    ],
    [
      PUBLISH_TIMED_OUT,
      'the brokers did not acknowledge the record within 30000 ms; it may still be written: push again with the same requestId',
    ],
    [
      new PublishTimedOutError(500, { mayBeWritten: false }),
      'the brokers did not acknowledge the record within 500 ms; it was still queued and will not be sent',
    ],
    [
      SETTINGS_CONFLICT,
      'the settings of "device123" have version 42, not 40: read the current settings and push again for version 42',
    ],
    [TOPIC_EXISTS, 'topic "device_commands" already exists'],
    [
      TOPIC_UNKNOWN,
      'topic "device_commands" does not exist; create it with "npx @preservarium/cli topics create device_commands" or with createTopic of the backend',
    ],
    [
      new TopicUnknownError('device_commands', { partition: 9 }),
      'topic "device_commands" has no partition 9; name an existing one, or none to let the key decide',
    ],
    [
      new ValidationError('command', [
        { path: 'payload.a', message: 'undefined cannot be sent as JSON' },
        { path: '', message: 'the field "foo" is not known' },
      ]),
      'invalid command: payload.a: undefined cannot be sent as JSON; the field "foo" is not known',
    ],
    [
      WAIT_TIMED_OUT,
      'command did not reach `succeeded` within 30000 ms (last state: dispatched); it may still complete',
    ],
    [
      new WaitTimedOutError('delivered', 500),
      'command did not reach `delivered` within 500 ms (no event received); it may still complete',
    ],
  ])('%s', (error, message) => {
    expect(error.message).toBe(message);
  });

  test('and their parts are properties', () => {
    expect(MESSAGE_TOO_LARGE).toMatchObject({ sizeBytes: 1_048_577, maxBytes: 1_000_000 });
    expect(PUBLISH_TIMED_OUT).toMatchObject({ timeoutMs: 30_000, mayBeWritten: true });
    expect(COMMAND_FAILED.lifecycle).toMatchObject({ requestId: 'r1', state: 'dispatched' });
    expect(WAIT_TIMED_OUT).toMatchObject({ timeoutMs: 30_000, lifecycle: { requestId: 'r1' } });
    expect(SETTINGS_CONFLICT).toMatchObject({ deviceId: 'device123', version: 42, settings: { a: 1 } });
    expect(TOPIC_EXISTS.topic).toBe('device_commands');
    expect(TOPIC_UNKNOWN.topic).toBe('device_commands');
  });
});

describe('two copies of the package, one ESM and one CJS', async () => {
  type Core = typeof core;
  const built = new URL('../../dist/', import.meta.url);
  const esm: Core = await import(new URL('index.js', built).href);
  const cjs: Core = createRequire(import.meta.url)(new URL('index.cjs', built).pathname);

  test("recognise each other's errors", () => {
    const fromEsm = new esm.ClosedError('it');
    const fromCjs = new cjs.ClosedError('it');
    expect(fromEsm).not.toBeInstanceOf(cjs.ClosedError);
    expect(fromCjs).not.toBeInstanceOf(esm.ClosedError);
    expect([cjs.PusherError.isInstance(fromEsm), cjs.ClosedError.isInstance(fromEsm)]).toEqual([true, true]);
    expect([esm.PusherError.isInstance(fromCjs), esm.ClosedError.isInstance(fromCjs)]).toEqual([true, true]);
    expect([cjs.AbortedError.isInstance(fromEsm), esm.AbortedError.isInstance(fromCjs)]).toEqual([
      false,
      false,
    ]);
  });

  test('check the payload of a command that the other defined', () => {
    const payload = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { a: 1 } }) },
    } as const;
    const command = esm.defineCommand('set', { payload })({ deviceId: 'a', protocol: 'mqtt', payload: {} });
    expect(cjs.applyPayloadSchema(command)).toMatchObject({ payload: { a: 1 } });
  });
});

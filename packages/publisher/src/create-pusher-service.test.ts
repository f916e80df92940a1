import type { Logger } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import {
  BackendUnavailableError,
  CapabilityError,
  type CommandInput,
  ConfigurationError,
  createTopicPolicy,
  decodeCancellation,
  decodeCommand,
  decodeSettings,
  defaultDeviceTopics,
  defineCommand,
  PusherError,
} from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collect } from '../test/collect.js';
import { createScriptedBackend } from '../test/scripted-backend.js';
import { type CapabilityCheck, createPusherService, type PusherServiceOptions } from './index.js';

const command = {
  requestId: 'r1',
  timestamp: new Date('2026-01-31T12:00:00Z'),
  deviceId: 'device123',
  commandType: 'set_led',
  protocol: 'mqtt' as const,
  payload: { state: 'on' },
};

function withMemory(settings: Omit<PusherServiceOptions, 'backend'> = {}) {
  const backend = createMemoryBackend();
  return { backend, service: createPusherService({ backend, ...settings }) };
}

function withScript(settings: Omit<PusherServiceOptions, 'backend'> = {}) {
  const backend = createScriptedBackend();
  return { backend, service: createPusherService({ backend, ...settings }) };
}

describe('a push', () => {
  test('of a command is a record on the command topic, keyed by the device', async () => {
    const { backend, service } = withMemory();
    const receipt = await service.pushCommand(command);
    const [record] = backend.records('device_commands');
    expect(record?.key?.toString()).toBe('device123');
    expect(decodeCommand(record?.value ?? null)).toStrictEqual({
      ok: true,
      command: { ...command, metadata: {} },
      unknownFields: {},
    });
    expect(receipt).toStrictEqual({
      requestId: 'r1',
      topic: 'device_commands',
      partition: record?.partition,
      offset: record?.offset,
    });
  });

  test('of a dict gives the same record', async () => {
    const { backend, service } = withMemory();
    await service.pushCommand(command);
    await service.pushCommandDict({
      request_id: 'r1',
      timestamp: '2026-01-31T12:00:00Z',
      device_id: 'device123',
      command_type: 'set_led',
      protocol: 'mqtt',
      payload: { state: 'on' },
      metadata: null,
    });
    const [first, second] = backend.records('device_commands');
    expect(second?.value).toStrictEqual(first?.value);
    expect(second?.key).toStrictEqual(first?.key);
  });

  test('of settings is a record on the settings topic', async () => {
    const { backend, service } = withMemory();
    const receipt = await service.pushSettings(
      'device123',
      { temperature: 21.5 },
      { requestId: 's1', metadata: { by: 'schedule' } },
    );
    expect(receipt).toMatchObject({ requestId: 's1', topic: 'device_settings' });
    const [record] = backend.records('device_settings');
    expect(record?.key?.toString()).toBe('device123');
    expect(decodeSettings(record?.value ?? null)).toMatchObject({
      ok: true,
      settings: {
        requestId: 's1',
        deviceId: 'device123',
        settings: { temperature: 21.5 },
        metadata: { by: 'schedule' },
      },
    });
  });

  test('of a cancellation is a record on the waiting topic, keyed by the device', async () => {
    const { backend, service } = withMemory({ clock: () => Date.parse('2026-01-31T12:00:00Z') });
    const receipt = await service.cancelCommand({ deviceId: 'device123', requestId: 'r1' });
    expect(receipt).toMatchObject({ requestId: 'r1', topic: 'device_commands_waiting' });
    const [record] = backend.records('device_commands_waiting');
    expect(record?.key?.toString()).toBe('device123');
    expect(record?.headers).toStrictEqual([['record-type', Buffer.from('cancel')]]);
    expect(decodeCancellation(record?.value ?? null)).toStrictEqual({
      ok: true,
      cancellation: {
        deviceId: 'device123',
        requestId: 'r1',
        timestamp: new Date('2026-01-31T12:00:00Z'),
      },
    });
    await expect(service.cancelCommand({ deviceId: '', requestId: 'r1' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  test('without a request id gets one, and the receipt names it', async () => {
    const { backend, service } = withMemory();
    const { requestId } = await service.pushCommand({ ...command, requestId: undefined });
    const decoded = decodeCommand(backend.records('device_commands')[0]?.value ?? null);
    expect(decoded).toMatchObject({ command: { requestId } });
  });

  test('of a typed command sends what its schema gives', async () => {
    const payload = z.object({ state: z.enum(['on', 'off']), color: z.string().default('white') });
    const setLed = defineCommand('set_led', { payload });
    const { backend, service } = withMemory();
    await service.pushCommand(setLed({ deviceId: 'a', protocol: 'mqtt', payload: { state: 'on' } }));
    expect(decodeCommand(backend.records('device_commands')[0]?.value ?? null)).toMatchObject({
      command: { commandType: 'set_led', payload: { state: 'on', color: 'white' } },
    });
    // As a JavaScript caller can: TypeScript refuses it.
    const wrong = setLed({ deviceId: 'a', protocol: 'mqtt', payload: { state: 'dim' as 'on' } });
    await expect(service.pushCommand(wrong)).rejects.toThrow(/^invalid command: payload\.state: /);
  });

  test('resolves only when the backend has acknowledged', async () => {
    const { backend, service } = withScript();
    let settled = false;
    const push = service.pushCommand(command).finally(() => {
      settled = true;
    });
    const [call] = await backend.called(1);
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    call?.answer();
    expect(await push).toStrictEqual({ requestId: 'r1', topic: 'device_commands' });
  });

  test('reaches the backend in the order of the calls, whatever was called', async () => {
    const { backend, service } = withScript({ settingsTopic: 'device_commands' });
    service.pushCommand({ ...command, requestId: '1' });
    service.pushCommandDict({ device_id: 'device123', command_type: 'a', protocol: 'mqtt', request_id: '2' });
    service.pushSettings('device123', {}, { requestId: '3' });
    service.pushCommand({ ...command, requestId: '4' });
    const calls = await backend.called(4);
    const ids = calls.map(({ records: [record] }) => JSON.parse(String(record?.value)).request_id);
    expect(ids).toStrictEqual(['1', '2', '3', '4']);
  });
});

describe('settings of the service', () => {
  test('the command topic may be a function of the command', async () => {
    const { service } = withMemory({
      commandTopic: ({ protocol, metadata }) => `${metadata.tenant}.${protocol}`,
      settingsTopic: 'desired',
    });
    expect(await service.pushCommand({ ...command, metadata: { tenant: 'a' } })).toMatchObject({
      topic: 'a.mqtt',
    });
    expect(await service.pushSettings('device123', {})).toMatchObject({ topic: 'desired' });
  });

  test('a registered protocol is let through, another is not', async () => {
    const { service } = withMemory({ protocols: ['lorawan'] });
    await service.pushCommand({ ...command, protocol: 'LoRaWAN' as 'mqtt' });
    await service.pushCommandDict({ device_id: 'a', command_type: 'b', protocol: 'lorawan' });
    await expect(service.pushCommand({ ...command, protocol: 'zigbee' as 'mqtt' })).rejects.toThrow(
      'invalid command: protocol: "zigbee" is not one of mqtt, coap, http, lorawan; others must be registered',
    );
  });

  test('the deadline is that of the push, else that of the service, else 30 seconds', async () => {
    const timeoutsOf = async (settings: Omit<PusherServiceOptions, 'backend'>) => {
      const { backend, service } = withScript(settings);
      service.pushCommand(command, { timeoutMs: 5 });
      service.pushCommand(command);
      service.pushSettings('a', {}, { timeoutMs: 6 });
      service.connect();
      return [...(await backend.called(3)).map(({ options }) => options), ...backend.connections].map(
        ({ timeoutMs }) => timeoutMs,
      );
    };
    expect(await timeoutsOf({})).toStrictEqual([5, 30_000, 6, 30_000]);
    expect(await timeoutsOf({ timeoutMs: 700 })).toStrictEqual([5, 700, 6, 700]);
  });

  test('the signal is given to the backend', async () => {
    const { backend, service } = withScript();
    const { signal } = new AbortController();
    service.pushCommand(command, { signal });
    service.connect({ signal });
    const [call] = await backend.called(1);
    expect(call?.options.signal).toBe(signal);
    expect(backend.connections[0]?.signal).toBe(signal);
  });
});

describe('what is refused before anything is sent', () => {
  async function expectRefused(
    push: (service: ReturnType<typeof createPusherService>) => Promise<unknown>,
    error: object,
    settings: Omit<PusherServiceOptions, 'backend'> = {},
  ) {
    const { backend, service } = withScript(settings);
    await expect(push(service)).rejects.toMatchObject(error);
    expect(backend.calls).toHaveLength(0);
  }

  test('an invalid command', () =>
    expectRefused((service) => service.pushCommand({ ...command, deviceId: '' }), {
      code: 'VALIDATION_FAILED',
      message: 'invalid command: deviceId: must not be empty',
    }));

  test('an invalid dict', () =>
    expectRefused(
      (service) => service.pushCommandDict({ device_id: 'a', command_type: 'b', protcol: 'mqtt' }),
      {
        code: 'VALIDATION_FAILED',
        message: 'invalid command: protcol: is not a known field; protocol: is required',
      },
    ));

  test('invalid settings', () =>
    expectRefused((service) => service.pushSettings('a', { x: Number.NaN }), {
      code: 'VALIDATION_FAILED',
      message: 'invalid settings: settings.x: NaN is not a JSON number',
    }));

  test('a command above the limit of bytes', () =>
    expectRefused(
      (service) => service.pushCommand({ ...command, payload: { text: 'x'.repeat(900) } }),
      {
        code: 'MESSAGE_TOO_LARGE',
        maxBytes: 1000,
        message: expect.stringMatching(
          /^the record has 1\d{3} bytes, the limit is 1000 bytes; send less, or a reference to the data$/,
        ),
      },
      { limits: { maxMessageBytes: 1000 } },
    ));

  test('settings above the limit of bytes', () =>
    expectRefused((service) => service.pushSettings('a', { text: 'é'.repeat(500_000) }), {
      code: 'MESSAGE_TOO_LARGE',
      maxBytes: 1_000_000,
    }));

  const expiresAt = new Date('2026-01-31T12:00:00Z');
  const expired = {
    code: 'VALIDATION_FAILED',
    message:
      'invalid command: expiresAt: 2026-01-31T12:00:00.000Z has passed; an expired command is never delivered',
  };
  const clock = () => expiresAt.getTime();

  test('a command that has expired by the clock', () =>
    expectRefused((service) => service.pushCommand({ ...command, expiresAt }), expired, { clock }));

  test('a dict that has expired by the clock', () =>
    expectRefused(
      (service) =>
        service.pushCommandDict({
          device_id: 'a',
          command_type: 'b',
          protocol: 'mqtt',
          expires_at: expiresAt.toISOString(),
        }),
      expired,
      { clock },
    ));

  test('but not one that expires a millisecond later', async () => {
    const { service } = withMemory({ clock: () => expiresAt.getTime() - 1 });
    await service.pushCommand({ ...command, expiresAt });
  });

  test('what a payload schema or the topic function throws is coded, with its cause', async () => {
    const cause = new Error('no tenant');
    const failing = () => {
      throw cause;
    };
    const coded = {
      code: 'PUBLISH_FAILED',
      message: 'the command could not be prepared: no tenant',
      cause,
    };
    await expectRefused((service) => service.pushCommand(command), coded, { commandTopic: failing });
    const payload = { '~standard': { version: 1, vendor: 'test', validate: failing } } as const;
    const typed = defineCommand('a', { payload })({ deviceId: 'a', protocol: 'mqtt', payload: {} });
    await expectRefused((service) => service.pushCommand(typed), coded);
  });

  test('anything at all, with a coded error and nothing else', async () => {
    const { service } = withMemory();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.anything({ withBigInt: true, withMap: true, withTypedArray: true }),
          fc.record(
            Object.fromEntries(
              Object.entries(command).map(([name, value]) => [
                name,
                fc.oneof(fc.constant(value), fc.anything()),
              ]),
            ),
          ),
        ),
        async (input) => {
          const [single] = await Promise.allSettled([service.pushCommand(input as CommandInput)]);
          if (single?.status === 'rejected') expect(PusherError.isInstance(single.reason)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('an error of the backend is what the push rejects with', async () => {
  const { backend, service } = withScript();
  const error = new BackendUnavailableError('no broker answers');
  const pushes = [service.pushCommand(command), service.pushSettings('a', {})];
  for (const call of await backend.called(2)) call.answer([{ ok: false, error }]);
  for (const push of pushes) await expect(push).rejects.toBe(error);
});

describe('close', () => {
  const closed = { code: 'CLOSED', message: 'the pusher service is closed; create a new one' };

  test('refuses every later call', async () => {
    const { backend, service } = withScript();
    await service.close();
    await expect(service.connect()).rejects.toMatchObject(closed);
    await expect(service.pushCommand(command)).rejects.toMatchObject(closed);
    await expect(
      service.pushCommandDict({ device_id: 'a', command_type: 'b', protocol: 'mqtt' }),
    ).rejects.toMatchObject(closed);
    await expect(service.pushSettings('a', {})).rejects.toMatchObject(closed);
    expect(await collect(service.pushCommands([command]))).toMatchObject({
      items: [{ ok: false, index: 0, error: closed, input: command }],
    });
    expect(backend.calls).toHaveLength(0);
    expect(backend.connections).toHaveLength(0);
  });

  test('closes the backend by the deadline given, else in 10 seconds', async () => {
    const { backend, service } = withScript();
    await service.close({ timeoutMs: 5 });
    await service.close();
    expect(backend.closings).toStrictEqual([{ timeoutMs: 5 }, { timeoutMs: 10_000 }]);
  });

  test('sends what is in flight', async () => {
    const { backend, service } = withMemory();
    const push = service.pushCommand(command);
    await service.close();
    expect(await push).toMatchObject({ requestId: 'r1' });
    expect(backend.records('device_commands')).toHaveLength(1);
  });

  test('is called at the end of `await using`', async () => {
    const backend = createScriptedBackend();
    {
      await using service = createPusherService({ backend });
      await service.connect();
      expect(backend.closings).toHaveLength(0);
    }
    expect(backend.closings).toStrictEqual([{ timeoutMs: 10_000 }]);
  });
});

test('each line logged of a command has its request id, and none its payload', async () => {
  const lines: { level: string; fields: object; message: string }[] = [];
  const logAt = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger: Logger = {
    debug: logAt('debug'),
    info: logAt('info'),
    warn: logAt('warn'),
    error: logAt('error'),
  };
  const { backend, service } = withScript({ logger });
  const secret = { ...command, payload: { pin: 'secret-4711' }, metadata: { token: 'secret-4712' } };
  const error = new BackendUnavailableError('no broker answers');
  const pushes = Promise.allSettled([
    service.pushCommand(secret),
    service.pushSettings('device123', secret.payload, { requestId: 'r2' }),
    collect(service.pushCommands([{ ...secret, requestId: 'r3' }])),
  ]);
  const [first, second, third] = await backend.called(3);
  first?.answer();
  second?.answer([{ ok: false, error }]);
  third?.answer();
  await pushes;

  const ofDevice = { deviceId: 'device123', topic: 'device_commands' };
  expect(lines).toHaveLength(3);
  expect(lines).toEqual(
    expect.arrayContaining([
      { level: 'debug', fields: { requestId: 'r1', ...ofDevice }, message: 'pushed' },
      {
        level: 'warn',
        fields: {
          requestId: 'r2',
          deviceId: 'device123',
          topic: 'device_settings',
          code: 'BACKEND_UNAVAILABLE',
          err: error,
        },
        message: 'not pushed',
      },
      { level: 'debug', fields: { requestId: 'r3', ...ofDevice }, message: 'pushed' },
    ]),
  );
  expect(JSON.stringify(lines)).not.toContain('secret');
});

describe('the evidence that ends a command', () => {
  const anything = { check: () => undefined, checkSettings: () => undefined };
  const find = () => ({ evidence: 'executed', timeoutMs: 5_000 }) as const;

  async function pushed(input: Partial<CommandInput>, declared: Partial<CapabilityCheck> = { find }) {
    const { backend, service } = withMemory({ capabilities: { ...anything, ...declared } });
    await service.pushCommand({ ...command, ...input });
    const [record] = backend.records('device_commands');
    const { required_evidence, answer_within_ms } = JSON.parse(String(record?.value));
    return { required_evidence, answer_within_ms };
  }

  test('is that of the command, else what is declared of it', async () => {
    const declared = { required_evidence: 'executed', answer_within_ms: 5_000 };
    expect(await pushed({})).toEqual(declared);
    const own = { requiredEvidence: 'device', answerWithinMs: 7 } as const;
    expect(await pushed(own)).toEqual({ required_evidence: 'device', answer_within_ms: 7 });
    expect(await pushed({ requiredEvidence: 'gateway' })).toEqual({ required_evidence: 'gateway' });
  });

  test.each([
    ['nothing is declared', {}],
    ['only a time is declared', { find: () => ({ timeoutMs: 5_000 }) }],
  ])('is left to the connector where %s', async (_, declared) => {
    expect(await pushed({}, declared)).toEqual({});
  });
});

describe('what the device cannot do', () => {
  const issue = { path: 'deviceId', rule: 'devices', message: 'is not known' };
  const checked: unknown[] = [];
  function refuseStranger<Pushed extends { readonly deviceId: string }>(pushed: Pushed) {
    checked.push(pushed);
    return pushed.deviceId === 'stranger' ? new CapabilityError('stranger', [issue]) : undefined;
  }
  const capabilities = { check: refuseStranger, checkSettings: refuseStranger };
  const refusal = { code: 'CAPABILITY_MISMATCH', issues: [issue] };

  test('is refused by every push, and nothing is sent', async () => {
    const { backend, service } = withMemory({ capabilities });
    const stranger = { ...command, deviceId: 'stranger' };
    await expect(service.pushCommand(stranger)).rejects.toMatchObject(refusal);
    const dict = { device_id: 'stranger', command_type: 'set_led', protocol: 'mqtt' };
    await expect(service.pushCommandDict(dict)).rejects.toMatchObject(refusal);
    await expect(service.pushSettings('stranger', {})).rejects.toMatchObject(refusal);
    expect(backend.records('device_commands')).toHaveLength(0);
    expect(backend.records('device_settings')).toHaveLength(0);
  });

  test('takes no other command with it', async () => {
    const { backend, service } = withMemory({ capabilities });
    const { items: outcomes } = await collect(
      service.pushCommands([command, { ...command, deviceId: 'stranger' }, command]),
    );
    expect(outcomes.map(({ ok, index }) => [index, ok])).toEqual([
      [0, true],
      [1, false],
      [2, true],
    ]);
    expect(backend.records('device_commands')).toHaveLength(2);
  });

  test('is asked of what is sent: a valid command, with plain JSON as its payload', async () => {
    const { service } = withMemory({ capabilities });
    await service.pushCommand({ ...command, payload: { bytes: new Uint8Array([255]) } });
    expect(checked.at(-1)).toMatchObject({ payload: { bytes: 'ff' } });
    const before = checked.length;
    await expect(service.pushCommand({ ...command, commandType: '' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(checked).toHaveLength(before);
  });
});

test('a command whose topic its connector would refuse is refused before Kafka', async () => {
  const backend = createMemoryBackend();
  await using service = createPusherService({
    backend,
    topicPolicy: createTopicPolicy({ deviceTopics: defaultDeviceTopics }),
  });
  const push = (given: object) =>
    service.pushCommand({ deviceId: 'a', commandType: 'open', protocol: 'mqtt', ...given });
  for (const given of [
    { topic: 'devices/b/commands' },
    { topic: 'devices/a/status' },
    { metadata: { topic: 'devices/b/settings/reported' } },
  ]) {
    await expect(push(given)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'topic' }],
    });
  }
  await push({ topic: 'devices/a/led' });
  await push({});
  expect(backend.records('device_commands').length).toBe(2);
});

test('commands for ids that cannot stand in a topic are refused before Kafka', async () => {
  const backend = createMemoryBackend();
  const filledTopics = { topicTemplate: 'devices/{deviceId}/commands/{requestId}' };
  await using service = createPusherService({ backend, topicPolicy: createTopicPolicy({ filledTopics }) });
  const push = (given: object) =>
    service.pushCommand({ deviceId: 'a', commandType: 'open', protocol: 'mqtt', ...given });
  const refused = { code: 'VALIDATION_FAILED', issues: [{ path: 'deviceId' }] };
  for (const deviceId of ['living_room/lamp', 'a+', '#']) {
    await expect(push({ deviceId })).rejects.toMatchObject(refused);
    await push({ deviceId, protocol: 'coap' });
  }
  await expect(push({ requestId: 'r/1' })).rejects.toMatchObject(refused);
  expect(backend.records('device_commands').length).toBe(3);
});

test.each<[string, Omit<PusherServiceOptions, 'backend'>]>([
  ['limits.maxInFlight', { limits: { maxInFlight: 0 } }],
  ['limits.maxMessageBytes', { limits: { maxMessageBytes: 1.5 } }],
  ['timeoutMs', { timeoutMs: Number.NaN }],
])('%s that cannot work is refused', (name, options) => {
  expect(() => withMemory(options)).toThrow(ConfigurationError);
  expect(() => withMemory(options)).toThrow(`${name}: `);
});

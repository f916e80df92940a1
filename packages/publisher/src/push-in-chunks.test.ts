import { setImmediate as nextTurn } from 'node:timers/promises';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { BackendUnavailableError, type CommandInput, defineCommand } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collect } from '../test/collect.js';
import { createScriptedBackend } from '../test/scripted-backend.js';
import { type CommandOutcome, createPusherService, type PushLimits } from './index.js';
import { pushInChunks } from './push-in-chunks.js';

const commandOf = (index: number): CommandInput => ({
  requestId: `r${index}`,
  deviceId: `device${index % 7}`,
  commandType: 'set_led',
  protocol: 'mqtt',
});
const commands = (count: number) => Array.from({ length: count }, (_, index) => commandOf(index));
const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);

function withScript(limits: PushLimits = {}) {
  const backend = createScriptedBackend();
  return { backend, service: createPusherService({ backend, limits }) };
}

/** Commands that say how many of them have been read, and whether the source was closed. */
function watched(count: number) {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const state = { read: 0, closed };
  function* source(): Generator<CommandInput> {
    try {
      for (; state.read < count; ) yield commandOf(state.read++);
    } finally {
      close();
    }
  }
  return { state, source: source() };
}

describe('pushCommands', () => {
  test('touches neither source nor backend before it is iterated', async () => {
    const { backend, service } = withScript();
    const { state, source } = watched(3);
    const outcomes = service.pushCommands(source);
    await nextTurn();
    expect([state.read, backend.calls.length]).toStrictEqual([0, 0]);
    const collecting = collect(outcomes);
    const [call] = await backend.called(1);
    call?.answer();
    expect((await collecting).items).toHaveLength(3);
  });

  test('pushes all and gives one outcome for each', async () => {
    const backend = createMemoryBackend();
    const service = createPusherService({ backend });
    const { items } = await collect(service.pushCommands(commands(1_200)));
    expect(items.map(({ index }) => index)).toStrictEqual(indexes(1_200));
    for (const item of items) {
      expect(item).toMatchObject({
        ok: true,
        requestId: `r${item.index}`,
        receipt: { topic: 'device_commands', offset: expect.any(Number) },
      });
    }
    expect(backend.records('device_commands')).toHaveLength(1_200);
  });

  test('an empty source gives nothing', async () => {
    const { backend, service } = withScript();
    expect(await collect(service.pushCommands([]))).toStrictEqual({ items: [] });
    expect(backend.calls).toHaveLength(0);
  });

  test('gives the outcomes in order though the chunks settle out of order', async () => {
    const { backend, service } = withScript({ maxInFlight: 1_500 });
    const collecting = collect(service.pushCommands(commands(1_500)));
    const calls = await backend.called(3);
    for (const call of calls.toReversed()) {
      call.answer();
      await nextTurn();
    }
    const { items } = await collecting;
    expect(items.map((item) => item.ok && item.requestId)).toStrictEqual(
      indexes(1_500).map((index) => `r${index}`),
    );
  });

  test('a bad command and a failed record take no other with them', async () => {
    const { backend, service } = withScript();
    const bad = { ...commandOf(1), deviceId: '' };
    const collecting = collect(service.pushCommands([commandOf(0), bad, commandOf(2), commandOf(3)]));
    const [call] = await backend.called(1);
    const error = new BackendUnavailableError('no broker answers');
    const receipt = { topic: 'device_commands' };
    expect(call?.records.map(({ key }) => key)).toStrictEqual(['device0', 'device2', 'device3']);
    call?.answer([
      { ok: true, receipt },
      { ok: false, error },
      { ok: true, receipt },
    ]);
    expect((await collecting).items).toStrictEqual([
      { ok: true, index: 0, requestId: 'r0', receipt },
      {
        ok: false,
        index: 1,
        error: expect.objectContaining({ message: 'invalid command: deviceId: must not be empty' }),
        input: bad,
      },
      { ok: false, index: 2, error, input: commandOf(2) },
      { ok: true, index: 3, requestId: 'r3', receipt },
    ]);
  });

  test('a source of bad commands only gives their errors', async () => {
    const backend = createMemoryBackend();
    const service = createPusherService({ backend });
    // As a JavaScript caller can: TypeScript refuses them.
    const inputs = [null, 'text', {}, { ...commandOf(0), typo: 1 }] as CommandInput[];
    const { items } = await collect(service.pushCommands(inputs));
    expect(items.map((item) => !item.ok && item.error.code)).toStrictEqual(
      inputs.map(() => 'VALIDATION_FAILED'),
    );
  });

  test('a chunk that waits for an asynchronous schema is not overtaken by the next', async () => {
    const gate = Promise.withResolvers<boolean>();
    const payload = z.object({}).refine(() => gate.promise);
    const slow = defineCommand('slow', { payload })({ ...commandOf(0), payload: {} });
    async function* pausing() {
      yield slow;
      await nextTurn();
      yield commandOf(1);
      await nextTurn();
      gate.resolve(true);
    }
    const backend = createMemoryBackend();
    const service = createPusherService({ backend, limits: { maxInFlight: 1_500 } });
    const { items } = await collect(service.pushCommands(pausing()));
    expect(items.map((item) => item.ok && item.requestId)).toStrictEqual(['r0', 'r1']);
    const ids = backend.records('device_commands').map(({ value }) => JSON.parse(String(value)).request_id);
    expect(ids).toStrictEqual(['r0', 'r1']);
  });

  test('reads no more than maxInFlight ahead of what it has handed back', async () => {
    const { backend, service } = withScript({ maxInFlight: 10 });
    const { state, source } = watched(25);
    const outcomes = service.pushCommands(source)[Symbol.asyncIterator]();
    const first = outcomes.next();
    const [call] = await backend.called(1);
    await nextTurn();
    expect(state.read).toBe(10);
    call?.answer();
    await first;
    for (let handedBack = 1; handedBack < 10; handedBack++) {
      await nextTurn();
      expect(state.read).toBe(10);
      await outcomes.next();
    }
    const eleventh = outcomes.next();
    (await backend.called(2))[1]?.answer();
    expect(await eleventh).toMatchObject({ value: { index: 10 } });
    expect(state.read).toBe(20);
    await outcomes.return?.();
  });

  test('a source that pauses holds back neither the pushes nor the outcomes of what came before', async () => {
    const pause = Promise.withResolvers<void>();
    async function* pausing() {
      yield* commands(3);
      await pause.promise;
      yield commandOf(3);
    }
    const service = createPusherService({ backend: createMemoryBackend() });
    const outcomes = service.pushCommands(pausing())[Symbol.asyncIterator]();
    for (const index of indexes(3))
      expect(await outcomes.next()).toMatchObject({ value: { ok: true, index } });
    const fourth = outcomes.next();
    pause.resolve();
    expect(await fourth).toMatchObject({ value: { ok: true, index: 3 } });
    expect(await outcomes.next()).toMatchObject({ done: true });
  });

  const failure = new Error('the file ended early');

  test.each([
    [
      'synchronous',
      function* (): Generator<CommandInput> {
        yield* commands(3);
        throw failure;
      },
    ],
    [
      'asynchronous',
      async function* (): AsyncGenerator<CommandInput> {
        yield* commands(3);
        throw failure;
      },
    ],
  ])(
    'a %s source that throws: the outcomes of what it gave come first, then its error',
    async (_, source) => {
      const service = createPusherService({ backend: createMemoryBackend() });
      const { items, error } = await collect(service.pushCommands(source()));
      expect(items.map(({ ok }) => ok)).toStrictEqual([true, true, true]);
      expect(error).toBe(failure);
    },
  );

  test('an abort: the outcomes of what was pushed come first, then ABORTED; the source is closed', async () => {
    const { backend, service } = withScript({ maxInFlight: 4 });
    const { state, source } = watched(100);
    const abort = new AbortController();
    const collecting = collect(service.pushCommands(source, { signal: abort.signal }));
    const [call] = await backend.called(1);
    expect(call?.options.signal).toBe(abort.signal);
    abort.abort();
    await nextTurn();
    call?.answer();
    const { items, error } = await collecting;
    expect(items.map(({ index }) => index)).toStrictEqual(indexes(4));
    expect(error).toMatchObject({ code: 'ABORTED', message: 'pushCommands was aborted by its signal' });
    await state.closed;
    expect([state.read, backend.calls.length]).toStrictEqual([4, 1]);
  });

  test('a signal that was aborted before: nothing is pushed', async () => {
    const { backend, service } = withScript();
    const { items, error } = await collect(
      service.pushCommands(commands(3), { signal: AbortSignal.abort() }),
    );
    expect(items).toHaveLength(0);
    expect(error).toMatchObject({ code: 'ABORTED' });
    expect(backend.calls).toHaveLength(0);
  });

  test('leaving the loop closes the source, and no more is read or pushed', async () => {
    const backend = createMemoryBackend();
    const service = createPusherService({ backend, limits: { maxInFlight: 5 } });
    const { state, source } = watched(100);
    for await (const outcome of service.pushCommands(source)) {
      expect(outcome).toMatchObject({ ok: true, index: 0 });
      break;
    }
    await state.closed;
    expect(state.read).toBe(5);
    expect(backend.records('device_commands')).toHaveLength(5);
  });
});

test('whatever the sizes and whatever settles first: all in order, and never more than maxInFlight read and not handed back', {
  timeout: 30_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        count: fc.nat(2_500),
        maxInFlight: fc.integer({ min: 1, max: 2_500 }),
        pauses: fc.array(fc.nat(2_500), { maxLength: 10 }),
        picks: fc.infiniteStream(fc.nat()),
      }),
      async ({ count, maxInFlight, pauses, picks }) => {
        const pausesAt = new Set(pauses);
        let read = 0;
        let handedBack = 0;
        let mostHeld = 0;
        async function* source() {
          while (read < count) {
            if (pausesAt.has(read)) await nextTurn();
            read += 1;
            mostHeld = Math.max(mostHeld, read - handedBack);
            yield commandOf(read - 1);
          }
        }

        const inFlight: (() => void)[] = [];
        const pushChunk = (inputs: readonly CommandInput[], firstIndex: number) =>
          new Promise<readonly CommandOutcome[]>((resolve) => {
            const outcomes = inputs.map(
              ({ requestId = '' }, position): CommandOutcome => ({
                ok: true,
                index: firstIndex + position,
                requestId,
                receipt: { topic: 'device_commands' },
              }),
            );
            inFlight.push(() => resolve(outcomes));
          });

        let ended = false;
        const handingBack = (async () => {
          for await (const outcome of pushInChunks(source(), { pushChunk, maxInFlight })) {
            if (outcome.index !== handedBack) expect(outcome.index).toBe(handedBack);
            handedBack += 1;
          }
          ended = true;
        })();
        while (!ended) {
          const [settle] = inFlight.splice((picks.next().value ?? 0) % Math.max(inFlight.length, 1), 1);
          settle?.();
          await Promise.race([nextTurn(), handingBack]);
        }
        expect(handedBack).toBe(count);
        expect(mostHeld).toBeLessThanOrEqual(maxInFlight);
      },
    ),
    { numRuns: 50 },
  );
});

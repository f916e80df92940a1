import { isFaultless as isDeliveredFaultless } from '../delivery/audit.js';
import { nodeContestant } from '../delivery/contestants/node-contestant.js';
import type { WayName } from '../delivery/contestants/ways.js';
import { startRun } from '../delivery/run.js';
import type { Scene } from '../delivery/scene.js';
import { startService } from '../pressure/service.js';
import type { BackendName } from '../pressure/service-program.js';
import { isFaultless, type Verification, verify } from '../push/verify.js';
import { openTestTopic } from '../test-topic.js';

/** A process that handles commands for as long as it is asked to. */
export interface Subject extends AsyncDisposable {
  /** Has it handle so many further commands, as fast as it can; resolves with what is resident then. */
  handle(count: number): Promise<number>;
  /** Bytes in use after a collection of garbage. */
  liveHeap(): Promise<number>;
  /** Ends it in order, and compares what came of the commands with what was handled. */
  end(): Promise<Verification & { readonly isFaultless: boolean }>;
}

const timeoutMs = 30_000;

/** A service that pushes, and awaits each push. */
export async function startPushes(backend: BackendName, { kafka }: Scene): Promise<Subject> {
  await using stack = new AsyncDisposableStack();
  const topic = stack.use(await openTestTopic(kafka));
  const service = stack.use(
    startService({ backend, brokers: kafka.brokers, topic: topic.name, timeoutMs }, ['--expose-gc']),
  );
  const started = stack.move();
  let pushed = 0;
  let unacknowledged = 0;
  return {
    async handle(count) {
      const answer = await service.push({ first: pushed, count });
      pushed += count;
      unacknowledged += answer.unacknowledged.length;
      return answer.residentBytes;
    },
    liveHeap: () => service.liveHeap(),
    async end() {
      const audit = await verify(kafka, topic.name, pushed, 'commands');
      return { ...audit, isFaultless: unacknowledged === 0 && isFaultless(audit) };
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** A connector that delivers to the devices of the scene. */
export async function startDeliveries(way: WayName, scene: Scene): Promise<Subject> {
  const run = await startRun(nodeContestant(way), scene);
  return {
    async handle(count) {
      await run.deliver(count);
      return (await run.usage()).residentBytes;
    },
    liveHeap: () => run.liveHeap(),
    async end() {
      const { audit } = await run.end();
      return { ...audit, isFaultless: isDeliveredFaultless(audit) };
    },
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

// A service in a process of its own, which is put under load.
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { createPusherService } from '@preservarium/publisher';
import { answerQuestions } from '../answer-questions.js';
import { inputOf, type NumberedCommands, numbersOf } from '../numbered-command.js';
import { peakResidentBytes } from '../peak-resident-bytes.js';
import { withInFlight } from '../with-in-flight.js';
import { type Flooded, flood } from './flood.js';
import { type Load, type LoadTally, startLoad } from './load.js';

const backends = { rdkafka: createRdkafkaBackend, kafkajs: createKafkajsBackend };

export type BackendName = keyof typeof backends;

export interface ServiceArguments {
  readonly backend: BackendName;
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Deadline of each push. */
  readonly timeoutMs: number;
}

export type ServiceQuestion =
  | { readonly kind: 'flood'; readonly count: number }
  | { readonly kind: 'push'; readonly commands: NumberedCommands }
  | { readonly kind: 'start'; readonly perSecond: number }
  | { readonly kind: 'tally' }
  /** Collects garbage; needs `--expose-gc`. */
  | { readonly kind: 'live heap' }
  | { readonly kind: 'stop' };

/** The answers to `flood`, `push`, `tally`, `live heap` and `stop`, and to each what the process has resident, now and at most. */
export interface ServiceAnswer {
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly flooded?: Flooded;
  readonly liveHeapBytes?: number;
  readonly tally?: LoadTally;
  readonly unacknowledged?: readonly number[];
}

const { backend, brokers, topic, timeoutMs } = JSON.parse(process.argv[2] ?? '{}') as ServiceArguments;
const service = createPusherService({
  backend: backends[backend]({ brokers }),
  commandTopic: topic,
  timeoutMs,
});
await service.connect();
const inFlight = 1_000;
let load: Load | undefined;

answerQuestions<ServiceQuestion, ServiceAnswer>(async (question) => {
  const result = await answer(question);
  return {
    residentBytes: process.memoryUsage.rss(),
    peakBytes: peakResidentBytes(),
    ...result,
  };
});

async function answer(question: ServiceQuestion): Promise<Partial<ServiceAnswer>> {
  switch (question.kind) {
    case 'flood':
      return { flooded: await flood(service, question.count) };
    case 'push':
      return { unacknowledged: await push(question.commands) };
    case 'start':
      load = startLoad(service, question.perSecond);
      return {};
    case 'tally':
      return load === undefined ? {} : { tally: load.tally() };
    case 'live heap':
      globalThis.gc?.();
      return { liveHeapBytes: process.memoryUsage().heapUsed };
    case 'stop': {
      const unacknowledged = await load?.stop();
      const tally = load?.tally();
      await service.close();
      return { ...(unacknowledged && { unacknowledged }), ...(tally && { tally }) };
    }
  }
}

/** Returns the numbers of those that were not acknowledged. */
async function push(commands: NumberedCommands): Promise<readonly number[]> {
  const unacknowledged: number[] = [];
  await withInFlight(numbersOf(commands), inFlight, async (number) => {
    await service.pushCommand(inputOf(number)).catch(() => unacknowledged.push(number));
  });
  return unacknowledged;
}

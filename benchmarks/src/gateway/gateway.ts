import { Agent } from 'node:http';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { createPusherService } from '@preservarium/publisher';
import { type Benchmark, type BenchmarkOptions, emptyResult, type Unit } from '../benchmark.js';
import { inputOf, inputsOf } from '../numbered-command.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';
import { p99At, post, postBatch, postEach, untilStored } from './load.js';
import { startBareRoute, startGateway } from './start-servers.js';

/**
 * The HTTP API, beside a route by hand and a push in this process. Each is measured alone: what the gateway has still to store is waited for, and
 * the topic of the others is not the gateway's.
 */
export const gateway: Benchmark = { name: 'gateway', run };

interface Round {
  readonly bare: number;
  readonly posts: number;
  readonly pushCommands: number;
  readonly batch: number;
  readonly pushP99Ms: number;
  readonly postP99Ms: number;
  readonly failed: number;
}

async function run({ kafka, rounds, quick, say }: BenchmarkOptions) {
  const counts = quick ? { single: 2_000, bulk: 20_000 } : { single: 20_000, bulk: 200_000 };
  const measurements: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const measurement = await measure(kafka, counts);
    say(`round ${round}: ${JSON.stringify(measurement)}`);
    measurements.push(measurement);
  }
  const spread = (pick: (round: Round) => number) => spreadOf(measurements.map(pick));
  const figure = (name: string, unit: Unit, pick: (round: Round) => number) => ({
    name,
    unit,
    spread: spread(pick),
  });
  return {
    ...emptyResult,
    settings: { gateway: '64 connections; rdkafka, SQLite', bare: '64 connections; acks=all, linger 1 ms' },
    figures: [
      figure('gateway.post', 'commands/s', ({ posts }) => posts),
      figure('bare.post', 'commands/s', ({ bare }) => bare),
      figure('gateway.batch', 'commands/s', ({ batch }) => batch),
      figure('rdkafka.pushCommands', 'commands/s', ({ pushCommands }) => pushCommands),
      figure('gateway.post at half load', 'p99 ms', ({ postP99Ms }) => postP99Ms),
      figure('rdkafka.pushCommand at the same load', 'p99 ms', ({ pushP99Ms }) => pushP99Ms),
    ],
    verdicts: [
      {
        name: 'gateway.post / bare.post',
        spread: spread(({ posts, bare }) => posts / bare),
        target: { atLeast: 0.6 },
      },
      {
        name: 'gateway.batch / rdkafka.pushCommands',
        spread: spread(({ batch, pushCommands }) => batch / pushCommands),
        target: { atLeast: 0.3 },
      },
      {
        name: 'p99 of gateway.post - rdkafka.pushCommand',
        unit: 'ms' as const,
        spread: spread(({ postP99Ms, pushP99Ms }) => postP99Ms - pushP99Ms),
        target: { atMost: 20 },
      },
    ],
    measurements,
    failures: measurements
      .filter(({ failed }) => failed > 0)
      .map(({ failed }, index) => `round ${index + 1}: ${failed} commands were not accepted`),
  };
}

async function measure(
  kafka: BenchmarkOptions['kafka'],
  { single, bulk }: { readonly single: number; readonly bulk: number },
): Promise<Round> {
  const alone = await measureWithoutGateway(kafka, { single, bulk });
  // A topic of its own: the gateway stores all that is in it.
  await using topic = await openTestTopic(kafka);
  await using service = openService(kafka, topic.name);
  await using server = await startGateway({ brokers: kafka.brokers, topic: topic.name });
  await postEach(server.url, single / 4);
  await untilStored(server.url);
  const posts = await postEach(server.url, single);
  const half = posts.perSecond / 2;
  await untilStored(server.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const postP99Ms = await p99At(half, single / 2, (number) => post(server.url, agent, number));
  agent.destroy();
  await untilStored(server.url);
  const pushP99Ms = await p99At(half, single / 2, (number) => service.pushCommand(inputOf(number)));
  await untilStored(server.url);
  await postBatch(server.url, bulk / 4);
  await untilStored(server.url);
  const batch = await postBatch(server.url, bulk);
  return {
    bare: alone.bare.perSecond,
    posts: posts.perSecond,
    pushCommands: alone.pushCommands,
    batch: batch.perSecond,
    pushP99Ms,
    postP99Ms,
    failed: alone.bare.failed + posts.failed + batch.failed,
  };
}

async function measureWithoutGateway(
  kafka: BenchmarkOptions['kafka'],
  { single, bulk }: { readonly single: number; readonly bulk: number },
) {
  await using topic = await openTestTopic(kafka);
  const bare = await measureBare({ brokers: kafka.brokers, topic: topic.name }, single);
  await using service = openService(kafka, topic.name);
  return { bare, pushCommands: await measureBulk(service, bulk) };
}

function openService({ brokers }: BenchmarkOptions['kafka'], commandTopic: string) {
  return createPusherService({ backend: createRdkafkaBackend({ brokers }), commandTopic });
}

async function measureBare(options: Parameters<typeof startBareRoute>[0], count: number) {
  await using server = await startBareRoute(options);
  await postEach(server.url, count / 4);
  // Awaited here, while the server runs.
  return await postEach(server.url, count);
}

async function measureBulk(service: ReturnType<typeof createPusherService>, count: number): Promise<number> {
  const pushAll = async (commands: { readonly first: number; readonly count: number }) => {
    for await (const outcome of service.pushCommands(inputsOf(commands)))
      if (!outcome.ok) throw outcome.error;
  };
  await pushAll({ first: 0, count: count / 4 });
  const startedAtMs = performance.now();
  await pushAll({ first: 0, count });
  return (count / (performance.now() - startedAtMs)) * 1_000;
}

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { createTestTopic } from '@preservarium/dev-services';
import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { type ChildProgram, startChildProgram } from '../child-program.js';
import { mergeResults } from '../merge-results.js';
import { spreadOf } from '../spread.js';
import type { WriterAnswer, WriterArgument, WriterQuestion } from './conflicts-program.js';

/** Three processes change the settings of one device, all of them at once. */
export const conflicts: Benchmark = { name: 'conflicts', run };

type Writer = ChildProgram<WriterQuestion, WriterAnswer>;

const clients = ['kafkajs', 'rdkafka'] as const;
const names = ['first', 'second', 'third'];
const startTimeoutMs = 60_000;
/** Deadline of each change. All of them are pushed at once, so the last one waits for all others. */
const changeTimeoutMs = 120_000;

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const results: BenchmarkResult[] = [];
  for (const client of clients) {
    if (options.only?.includes(client) !== false) results.push(await measureClient(client, options));
  }
  return mergeResults(results);
}

async function measureClient(
  client: WriterArgument['client'],
  { kafka, quick, commands = 20_000, say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const config = { 'cleanup.policy': 'compact' };
  const create = () => createTestTopic(kafka.settings, { partitions: 1, config });
  const topics = { settingsTopic: await create(), reportedTopic: await create() };
  const changes = quick ? 300 : commands;
  await using stack = new AsyncDisposableStack();
  const writers = names.map((name, index): Writer => {
    const share = Math.floor(changes / names.length) + (index < changes % names.length ? 1 : 0);
    const argument: WriterArgument = {
      client,
      kafka: { ...kafka.settings, clientId: `writer-${randomUUID()}` },
      topics,
      name,
      changes: share,
      timeoutMs: changeTimeoutMs,
    };
    return stack.use(startChildProgram(new URL('./conflicts-program.js', import.meta.url), argument));
  });
  const ask = (question: WriterQuestion, timeoutMs: number) =>
    Promise.all(writers.map((writer) => writer.ask(question, { timeoutMs })));

  await ask('ready', startTimeoutMs);
  const answers = await ask('write', 2 * changeTimeoutMs);
  const settled = await untilAgreed(() => ask('read', startTimeoutMs));
  for (const [index, { accepted, rejected, seconds, slowestSeconds }] of answers.entries()) {
    say(
      `conflicts: ${client}, ${names[index]} process: ${accepted} accepted, ${(accepted / seconds).toFixed(0)}/s, ` +
        `slowest ${slowestSeconds.toFixed(1)} s, rejected ${JSON.stringify(rejected)}`,
    );
  }
  return resultOf(client, changes, answers, settled);
}

/** All have read the same records in the end. */
async function untilAgreed(read: () => Promise<readonly WriterAnswer[]>): Promise<boolean> {
  const endMs = performance.now() + startTimeoutMs;
  while (performance.now() < endMs) {
    const [first, ...others] = (await read()).map(({ desired }) => desired);
    if (others.every((other) => isDeepStrictEqual(other, first))) return true;
  }
  return false;
}

function resultOf(
  client: string,
  changes: number,
  answers: readonly WriterAnswer[],
  hasAgreed: boolean,
): BenchmarkResult {
  const sum = (of: (answer: WriterAnswer) => number) =>
    answers.reduce((total, answer) => total + of(answer), 0);
  const accepted = sum((answer) => answer.accepted);
  const lost = sum((answer) => answer.lost);
  const rates = answers.map((answer) => answer.accepted / answer.seconds);
  const fairness = Math.min(...rates) / Math.max(...rates);
  const seconds = Math.max(...answers.map((answer) => answer.seconds));
  return {
    ...emptyResult,
    figures: [
      { name: `${client}, accepted`, unit: 'acknowledged/s', spread: spreadOf([accepted / seconds]) },
      { name: `${client}, all`, unit: 's', spread: spreadOf([seconds]) },
    ],
    verdicts: [
      {
        name: `${client}, slowest process / fastest`,
        spread: spreadOf([fairness]),
        target: { atLeast: 0.5 },
      },
    ],
    measurements: answers.map((answer, index) => ({ client, process: names[index], ...answer })),
    failures: [
      ...(accepted === changes ? [] : [`${client}: ${accepted} of ${changes} changes were accepted`]),
      ...(lost === 0 ? [] : [`${client}: ${lost} accepted changes are not in the settings`]),
      ...(hasAgreed ? [] : [`${client}: the processes do not agree on the settings`]),
    ],
  };
}

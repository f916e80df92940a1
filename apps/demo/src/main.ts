import { PusherError } from '@preservarium/core';
import { startKafka } from '@preservarium/testkit';
import { readArguments, usage } from './arguments.js';
import { type BackendName, createBackend } from './backends.js';
import { type PushedExample, pushExamples, type Refusal } from './push-examples.js';
import { readBack } from './read-back.js';
import { findFailures, renderReport } from './report.js';
import { createTopics } from './topics.js';

// Ctrl-C needs no handler: the Kafka that was started ends with this process, however this process ends.
process.exitCode = await main();

async function main(): Promise<number> {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (parsed.kind === 'mistake') {
    say(`${parsed.message}; see --help`);
    return 2;
  }
  try {
    return await runDemo(parsed.backends);
  } catch (error) {
    if (!PusherError.isInstance(error)) throw error;
    say(`${error.code}: ${error.message}`);
    return 1;
  }
}

async function runDemo(chosen: readonly BackendName[]): Promise<number> {
  say('starting Kafka');
  await using kafka = await startKafka();
  say(`Kafka (${kafka.kind}) is at ${kafka.brokers.join(', ')}`);
  const backends = chosen.filter((name) => kafka.kind !== 'mock' || name === 'rdkafka');
  const [first] = backends;
  if (first === undefined) {
    say('kafkajs needs a real Kafka');
    return 1;
  }
  if (backends.length < chosen.length) say('kafkajs needs a real Kafka: leaving it out');

  say('creating the topics');
  await createTopics(kafka, createBackend[first]);
  const pushed: PushedExample[] = [];
  const refusals: Refusal[] = [];
  for (const name of backends) {
    say(`pushing through ${name}`);
    const result = await pushExamples(createBackend[name](kafka.settings));
    pushed.push(...result.pushed);
    refusals.push(result.refusal);
  }
  say('reading back with a consumer of its own');
  const examples = await readBack(kafka.settings, pushed);
  process.stdout.write(renderReport(examples, refusals));
  const failures = findFailures(examples);
  failures.forEach(say);
  return failures.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

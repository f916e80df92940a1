import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import { createTestTopic, type KafkaCluster, type Mosquitto } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { createTracker } from '@preservarium/tracking';
import { type ChildProgram, startChildProgram } from '../child-program.js';
import type { Contestant } from '../delivery/contestant.js';
import { inputOf } from '../numbered-command.js';
import { quantileOf } from '../quantile-of.js';
import type { AnsweringDevicesQuestion, Executed } from './answering-devices-program.js';

export interface Burst {
  readonly commands: number;
  readonly answered: number;
  /** Answered with what another command was sent. */
  readonly mistaken: number;
  /** Executed once more than once. */
  readonly repeated: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface BurstOptions {
  readonly kafka: KafkaCluster;
  readonly mosquitto: Mosquitto;
  readonly connector: Contestant;
  readonly backend: Backend;
  readonly commands: number;
  /** True: when a tenth is answered, the connector is ended and another one started. */
  readonly restart: boolean;
}

const timeoutMs = 120_000;

/** Pushes all commands at once, each waiting for its answer. */
export async function measureBurst(settings: BurstOptions): Promise<Burst> {
  const { kafka, mosquitto, connector, backend, commands, restart } = settings;
  const topic = await createTestTopic(kafka.settings, { partitions: 6 });
  const route = { brokers: kafka.brokers, topic, mqttUrl: mosquitto.url };
  await using devices: ChildProgram<AnsweringDevicesQuestion, Executed> = startChildProgram(
    new URL('./answering-devices-program.js', import.meta.url),
    mosquitto.url,
  );
  await devices.ask('ready?', { timeoutMs });
  await using first = await connector.start(route);
  // It answers once it has joined its group, and made the topic of the events.
  await first.usage();
  await using service = createPusherService({ backend, commandTopic: topic });
  await using tracker = await createTracker({ backend, eventsTopic: `${topic}-events` });

  const startedAtMs = performance.now();
  const latenciesMs: number[] = [];
  const tenth = Promise.withResolvers<void>();
  let mistaken = 0;
  const answers = Array.from({ length: commands }, async (_, number) => {
    const input = { ...inputOf(number), requestId: randomUUID() };
    const { result } = await tracker.pushAndWait(service, input, { until: 'succeeded', timeoutMs });
    if (JSON.stringify(result) !== JSON.stringify(input.payload)) mistaken++;
    latenciesMs.push(performance.now() - startedAtMs);
    if (latenciesMs.length * 10 >= commands) tenth.resolve();
  });
  const settled = Promise.allSettled(answers);
  await Promise.race([tenth.promise, settled]);
  await using stack = new AsyncDisposableStack();
  if (restart) {
    await first.stop();
    stack.use(await connector.start(route));
  }
  await settled;
  const { executed } = await devices.ask('ready?', { timeoutMs });
  return {
    commands,
    answered: latenciesMs.length,
    mistaken,
    repeated: executed - commands,
    elapsedMs: performance.now() - startedAtMs,
    p50Ms: quantileOf(latenciesMs, 0.5),
    p99Ms: quantileOf(latenciesMs, 0.99),
  };
}

import type { PusherService } from '@preservarium/publisher';
import { monotonicMs } from '../monotonic-ms.js';
import { deviceOf, inputOf, type NumberedCommands, numbersOf } from '../numbered-command.js';
import type { Audit } from './audit.js';
import { openCommandLog } from './command-log.js';
import type { Contestant, ProcessUsage } from './contestant.js';
import type { Scene } from './scene.js';

/** A contestant with a topic of its own, from its start to its end. */
export interface Run extends AsyncDisposable {
  readonly topic: string;
  /** Has so many further commands ready in Kafka, lets the contestant have them, and resolves when the devices do. */
  deliver(count: number): Promise<Delivered>;
  /** Pushes one command, and resolves with how many milliseconds later its device had it. */
  pushOne(pusher: Pick<PusherService, 'pushCommand'>): Promise<number>;
  /** Its current usage. */
  usage(): Promise<ProcessUsage>;
  liveHeap(): Promise<number>;
  /** Ends the contestant in order, and says what it has used and what came of the commands until then. */
  end(): Promise<{ readonly usage: ProcessUsage; readonly audit: Audit }>;
}

interface Delivered {
  /** Those for the dead device are not among them. */
  readonly commands: number;
  /** From when it could consume until the last arrived. */
  readonly elapsedMs: number;
  /** Its usage before. */
  readonly usageBefore: ProcessUsage;
}

export async function startRun(contestant: Contestant, scene: Scene): Promise<Run> {
  const { kafka, mosquitto, devices } = scene;
  await devices.forget();
  const commandLog = await openCommandLog(kafka);
  const { topic } = commandLog;
  const running = await contestant.start({ brokers: kafka.brokers, topic, mqttUrl: mosquitto.url });
  let written = 0;
  let expected = 0;

  function deliverableOf(commands: NumberedCommands): number {
    if (contestant.deadDevice === undefined) return commands.count;
    return [...numbersOf(commands)].filter((number) => deviceOf(number) !== contestant.deadDevice).length;
  }

  return {
    topic,
    async deliver(count) {
      const commands = { first: written, count };
      const deliverable = deliverableOf(commands);
      const heldBack = await commandLog.write(commands);
      written += count;
      expected += deliverable;
      const usageBefore = await running.usage();
      const startedAtMs = monotonicMs();
      await heldBack.release();
      const { lastArrivalAtMs } = await devices.until(expected);
      return { commands: deliverable, elapsedMs: lastArrivalAtMs - startedAtMs, usageBefore };
    },
    async pushOne(pusher) {
      expected++;
      const arrived = devices.until(expected);
      const pushedAtMs = monotonicMs();
      await pusher.pushCommand(inputOf(written++));
      return (await arrived).lastArrivalAtMs - pushedAtMs;
    },
    usage: () => running.usage(),
    liveHeap: () => running.liveHeap(),
    async end() {
      const usage = await running.stop();
      const { different, repeated, outOfOrder } = await devices.tally();
      return { usage, audit: { missing: expected - different, repeated, outOfOrder } };
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await commandLog[Symbol.asyncDispose]();
    },
  };
}

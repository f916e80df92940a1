// A connector whose devices sleep until they are woken, in a process of its own.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { runConnector } from '@preservarium/connector';
import type { ConnectorPort, Deliverer, DeliveryResult, DeviceReport } from '@preservarium/deliverer';
import { answerQuestions } from '../answer-questions.js';
import { measureTurns } from '../measure-turns.js';
import { peakResidentBytes } from '../peak-resident-bytes.js';
import {
  type ConnectorAnswer,
  type ConnectorArgument,
  type ConnectorQuestion,
  maxAnswers,
} from './connector-process.js';

const asleep: DeliveryResult = {
  kind: 'retryable',
  reason: 'the device sleeps',
  unreachable: true,
  afterMs: 3_600_000,
};
const delivered: DeliveryResult = { kind: 'delivered', evidence: 'device' };
const handedOver: DeliveryResult = { kind: 'delivered', evidence: 'gateway' };
/** Few, so that they are full before the first measurement. */
const maxRememberedIds = 10_000;

const {
  brokers,
  topic,
  stateDir,
  isUnanswered = false,
} = JSON.parse(process.argv[2] ?? '{}') as ConnectorArgument;
const awake = new Set<string>();
const last = new Map<string, number>();
let port: ConnectorPort | undefined;
const answerable: DeviceReport[] = [];
let deliveries = 0;
let outOfOrder = 0;
let attempts = 0;
/** Devices that are reported as reachable in one turn of the event loop. */
const reportedInTurn = 100;

const deliverer: Deliverer = {
  protocol: 'mqtt',
  async start(given) {
    port = given;
  },
  async deliver({ deviceId, requestId, payload }, { maySend }) {
    if (isUnanswered) {
      maySend?.();
      if (answerable.length < maxAnswers) answerable.push({ deviceId, requestId, state: 'succeeded' });
      deliveries++;
      return handedOver;
    }
    if (!awake.has(deviceId)) {
      attempts++;
      return asleep;
    }
    const sequence = payload.sequence as number;
    if (sequence <= (last.get(deviceId) ?? -1)) outOfOrder++;
    last.set(deviceId, sequence);
    deliveries++;
    return delivered;
  },
  isReady: () => port !== undefined,
  async close() {},
};

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const turns = measureTurns();
const connector = await runConnector({
  backend: createRdkafkaBackend({ brokers }),
  deliverer,
  from: 'beginning',
  groupId: topic,
  stateDir,
  ...(isUnanswered && { proof: { evidence: 'executed', answerWithinMs: 3_600_000 } }),
  // The default rate spares the broker of a real fleet; it would be all that this measures.
  limits: isUnanswered ? { maxRememberedIds } : { wakeRate: 20_000 },
  topics: {
    commands: topic,
    waiting: `${topic}_waiting`,
    deadLetters: `${topic}_dead`,
    events: `${topic}_events`,
  },
});

function msOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}

async function report(devices: readonly string[]): Promise<void> {
  for (const [position, deviceId] of devices.entries()) {
    if (position % reportedInTurn === 0) await nextTurn();
    port?.reachable(deviceId);
  }
}

answerQuestions<ConnectorQuestion, ConnectorAnswer>(async (question) => {
  if (question.kind === 'wake') {
    for (const deviceId of question.devices) awake.add(deviceId);
    if (question.isTold) await report(question.devices);
  }
  if (question.kind === 'reset') {
    delay.reset();
    turns.reset();
    deliveries = 0;
  }
  if (question.kind === 'answer') await Promise.all(answerable.map((report) => port?.report(report)));
  if (question.kind === 'collect') globalThis.gc?.();
  if (question.kind === 'close') await connector.close({ timeoutMs: 60_000 });
  return {
    waiting: connector.status().waiting,
    deliveries,
    attempts,
    outOfOrder,
    residentBytes: process.memoryUsage.rss(),
    peakBytes: peakResidentBytes(),
    heapBytes: process.memoryUsage().heapUsed,
    longestStallMs: delay.max / 1e6,
    longestTurnMs: turns.longestMs(),
    cpuMs: msOf(process.cpuUsage()),
    threadCpuMs: msOf(process.threadCpuUsage()),
  };
});

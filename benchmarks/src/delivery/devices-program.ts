// All devices, in a process of its own, so that receiving takes no time from the one that delivers.

import { answerQuestions } from '../answer-questions.js';
import { createArrivals, type Tally } from '../arrivals.js';
import { monotonicMs } from '../monotonic-ms.js';
import type { DevicesQuestion } from './devices.js';
import { receiveCommands } from './receive-commands.js';

/** After this long without an arrival, the wait ends. */
const patienceMs = 30_000;

const brokerUrl = JSON.parse(process.argv[2] ?? '""') as string;
let arrivals = createArrivals();
let onArrival = () => {};

function onCommand(topic: string, payload: Buffer): void {
  const [, deviceId = ''] = topic.split('/');
  const sequence = Number(/"sequence":(\d+)/.exec(payload.toString('latin1'))?.[1]);
  arrivals.note({ deviceId, sequence, atMs: monotonicMs() });
  onArrival();
}

function untilArrived(count: number): Promise<void> {
  if (arrivals.tally().different >= count) return Promise.resolve();
  return new Promise((resolve) => {
    const stopWaiting = () => {
      clearTimeout(impatience);
      onArrival = () => {};
      resolve();
    };
    const impatience = setTimeout(stopWaiting, patienceMs);
    onArrival = () => {
      impatience.refresh();
      if (arrivals.tally().different >= count) stopWaiting();
    };
  });
}

await receiveCommands(brokerUrl, onCommand);
answerQuestions<DevicesQuestion, Tally>(async (question) => {
  if (question.kind === 'forget') arrivals = createArrivals();
  if (question.kind === 'until') await untilArrived(question.count);
  return arrivals.tally();
});

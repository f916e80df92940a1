// A contestant in a process of its own, so that none pays for the garbage or the event loop of another.
import { answerQuestions } from '../../answer-questions.js';
import type { ContestantAnswer, ContestantArguments, ContestantQuestion } from './node-contestant.js';
import { ways } from './ways.js';

const { way, route } = JSON.parse(process.argv[2] ?? '{}') as ContestantArguments;
const stop = await ways[way](route);

answerQuestions<ContestantQuestion, ContestantAnswer>(async (question) => {
  if (question === 'stop') await stop();
  if (question === 'live heap') globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss: residentBytes, heapUsed: heapBytes } = process.memoryUsage();
  return { cpuMs: (user + system) / 1_000, residentBytes, heapBytes };
});

// A contestant in a process of its own, so that none pays for the garbage or the event loop of another.
import { answerQuestions } from '../../answer-questions.js';
import type { ProcessUsage } from '../contestant.js';
import type { ContestantArguments, ContestantQuestion } from './node-contestant.js';
import { ways } from './ways.js';

const { way, route } = JSON.parse(process.argv[2] ?? '{}') as ContestantArguments;
const stop = await ways[way](route);

answerQuestions<ContestantQuestion, ProcessUsage>(async (question) => {
  if (question === 'stop') await stop();
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, residentBytes: process.memoryUsage.rss() };
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { BackendUnavailableError } from '@preservarium/core';
import { lastLines } from './last-lines.js';

/** A program of this benchmark in a process of its own, which answers one question at a time. */
export interface ChildProgram<Question, Answer> extends AsyncDisposable {
  /** Rejects when the process ends before it has answered, or when the answer takes too long. */
  ask(question: Question, options: { readonly timeoutMs: number }): Promise<Answer>;
}

const endTimeoutMs = 5_000;
/** Characters of its output, of which the last lines are shown if it fails. */
const maxKept = 10_000;
/** Its output ends with it, unless a process that it started has the same output. */
const closeTimeoutMs = 1_000;

/**
 * @param argument is given to the program as JSON.
 * @param nodeFlags flags of Node.js for the program. Default: none
 */
export function startChildProgram<Question, Answer>(
  file: URL,
  argument: unknown,
  nodeFlags: readonly string[] = [],
): ChildProgram<Question, Answer> {
  const name = basename(file.pathname);
  const child = fork(fileURLToPath(file), [JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // kafkajs asks Node 24 for timers in the past.
    execArgv: ['--disable-warning=TimeoutNegativeWarning', ...nodeFlags],
  });
  // Its output is no result.
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      process.stderr.write(text);
      printed = (printed + text).slice(-maxKept);
    });
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  const ended = exited.then(async ([code, signal]) => {
    await settledWithin(closed, closeTimeoutMs);
    throw new BackendUnavailableError(
      `${name} ended with ${code ?? signal} before its end was requested\n${lastLines(printed)}`.trimEnd(),
    );
  });
  ended.catch(() => {});

  return {
    async ask(question, { timeoutMs }) {
      const answered = new AbortController();
      const answer = once(child, 'message', { signal: answered.signal });
      // Where this fails, the process has ended, which says so itself.
      child.send(JSON.stringify(question), () => {});
      try {
        const [text] = await withDeadline(Promise.race([answer, ended]), {
          doing: 'ask',
          timeoutMs,
          timedOut: () => new BackendUnavailableError(`${name} did not answer within ${timeoutMs} ms`),
        });
        return JSON.parse(String(text)) as Answer;
      } finally {
        answered.abort();
        answer.catch(() => {});
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      const impatience = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
      await exited;
      clearTimeout(impatience);
    },
  };
}

import type { Program } from './program.js';

/** Runs tasks at the same time, but those of one program one after another, in the order of the calls. */
export function createTurns(): <Value>(
  programs: readonly Program[],
  task: () => Promise<Value>,
) => Promise<Value> {
  const last = new Map<Program, Promise<unknown>>();
  return (programs, task) => {
    const done = Promise.all(programs.map((program) => last.get(program))).then(task);
    for (const program of programs) last.set(program, done);
    return done;
  };
}

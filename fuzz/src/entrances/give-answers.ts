import { setTimeout as pause } from 'node:timers/promises';
import type { Arbitrary } from 'fast-check';
import type { Answers } from '../answers.js';
import { draw, each } from '../inputs.js';
import type { Scene } from '../scene.js';
import { batchSize, pushCommands } from './commands.js';

/** An answer that says nothing costs a wait of seconds, which other devices use. */
const batchesAtOnce = 20;

/** Lets devices give so many answers to commands that are pushed meanwhile, as many as are answered. */
export async function giveAnswers(
  scene: Scene,
  {
    answers,
    protocol,
    input,
  }: { readonly answers: Answers; readonly protocol: 'http' | 'coap'; readonly input: Arbitrary<Buffer> },
  inputs: number,
  seed: number,
): Promise<void> {
  const all = each(draw(input, inputs, seed));
  let taken = 0;
  const next = () => {
    taken += 1;
    return all.next().value ?? Buffer.alloc(0);
  };
  const done = new AbortController();
  let pushed = 0;
  const pushing = pushCommands(scene, { protocol, signal: done.signal }, async () => {
    pushed += 1;
    // A command may take several answers, and others expire: no more wait than are answered soon.
    const wanted = (pushed - batchesAtOnce) * batchSize;
    for (let waitedMs = 0; taken < wanted && waitedMs < 5_000 && !done.signal.aborted; waitedMs += 50)
      await pause(50);
  });
  await Promise.race([answers.give(inputs, next), pushing]);
  done.abort();
  await pushing;
}

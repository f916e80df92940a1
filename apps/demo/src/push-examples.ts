import { PusherError } from '@preservarium/core';
import { type Backend, createPusherService, type PushReceipt } from '@preservarium/publisher';
import { type Example, examples, mistakenCommand } from './examples.js';
import { commandTopic, settingsTopic } from './topics.js';

export interface PushedExample {
  readonly backend: string;
  readonly example: Example;
  readonly receipt: PushReceipt;
}

export interface Refusal {
  readonly backend: string;
  readonly error: PusherError;
}

/** Pushes all examples through one backend, and closes it. */
export async function pushExamples(
  backend: Backend,
): Promise<{ readonly pushed: readonly PushedExample[]; readonly refusal: Refusal }> {
  await using service = createPusherService({ backend, commandTopic, settingsTopic });
  const pushed: PushedExample[] = [];
  for (const example of examples) {
    pushed.push({ backend: backend.name, example, receipt: await example.push(service) });
  }
  const error = await service.pushCommand(mistakenCommand).catch((reason: unknown) => reason);
  if (!PusherError.isInstance(error)) {
    throw new Error(`a command with a wildcard in its topic was not refused through ${backend.name}`);
  }
  return { pushed, refusal: { backend: backend.name, error } };
}

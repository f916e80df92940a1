import type { Backend } from '@preservarium/backend';
import { createCapabilities } from '@preservarium/capabilities';
import { PusherError } from '@preservarium/core';
import { createPusherService, type PushReceipt } from '@preservarium/publisher';
import type { DemoPush } from './demo-push.js';
import { lampType, mistakenCommand } from './examples.js';
import { topics } from './topics.js';

/** Pushes one after another with one backend, and closes it. Calls `onPublished` when the brokers have acknowledged a push. */
export async function pushAll(
  backend: Backend,
  pushes: readonly DemoPush[],
  onPublished: (push: DemoPush, receipt: Pick<PushReceipt, 'topic'>) => void,
): Promise<void> {
  const { commands: commandTopic, settings: settingsTopic } = topics;
  await using service = createPusherService({ backend, commandTopic, settingsTopic });
  for (const push of pushes) onPublished(push, await push.push({ service, backend }));
}

export interface Refusal {
  readonly backend: string;
  /** Absent if the command was not refused. */
  readonly error?: PusherError;
}

/** Pushes a command that must be refused, and closes the backend. */
export async function pushMistake(backend: Backend): Promise<Refusal> {
  const capabilities = createCapabilities({ types: [lampType], typeOf: () => lampType.name });
  await using service = createPusherService({ backend, commandTopic: topics.commands, capabilities });
  try {
    await service.pushCommand(mistakenCommand);
    return { backend: backend.name };
  } catch (error) {
    if (!PusherError.isInstance(error)) throw error;
    return { backend: backend.name, error };
  }
}

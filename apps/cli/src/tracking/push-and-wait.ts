import type { Backend, RecordSigner } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import type { CommandInput, Lifecycle, TopicPolicy } from '@preservarium/core';
import type { EnvironmentOptions } from '@preservarium/environment';
import { createPusherService, type PushReceipt } from '@preservarium/publisher';
import { type AwaitedState, createTracker } from '@preservarium/tracking';
import { noteIfUnserved } from '../connectors/note-if-unserved.js';
import { createBackend } from '../create-backend.js';

export interface PushAndWaitOptions {
  readonly settings: EnvironmentOptions;
  /** Protocols registered besides mqtt, coap and http. */
  readonly protocols: readonly string[];
  /** Refuses topics to which the connectors would not publish. */
  readonly topicPolicy: TopicPolicy | undefined;
  readonly sign: RecordSigner | undefined;
  readonly until: AwaitedState;
  /** Deadline for the push and the wait, in milliseconds. */
  readonly waitMs: number;
  /** Deadline for connecting to Kafka, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called when the brokers have acknowledged the command. */
  onPushed(receipt: PushReceipt): Promise<void>;
}

/** Pushes a command and waits until its lifecycle events show that it reached the state. */
export async function pushAndWait(command: CommandInput, options: PushAndWaitOptions): Promise<Lifecycle> {
  const { settings, protocols, topicPolicy, sign, until, waitMs, timeoutMs, signal, onPushed } = options;
  const { commandTopic, eventTopic } = settings;
  const backend: Backend = await createBackend(settings);
  await using service = createPusherService({ backend, commandTopic, protocols, topicPolicy, sign });
  await service.connect({ timeoutMs, signal });
  const tracking = createTracker({ backend, eventsTopic: eventTopic, ...loggerOf(settings) });
  await using tracker = await withDeadline(tracking, {
    doing: 'subscribe to the lifecycle events',
    timeoutMs,
    signal,
  });
  const announcing: Pick<typeof service, 'pushCommand'> = {
    async pushCommand(input, pushOptions) {
      const receipt = await service.pushCommand(input, pushOptions);
      await onPushed(receipt);
      return receipt;
    },
  };
  const over = new AbortController();
  const looking = { settings, timeoutMs, signal: AbortSignal.any([signal, over.signal]) };
  const noted = noteIfUnserved(backend, command.protocol, looking);
  try {
    return await tracker.pushAndWait(announcing, command, { until, timeoutMs: waitMs, signal });
  } finally {
    over.abort();
    await noted;
  }
}

function loggerOf({ logger }: EnvironmentOptions) {
  return logger && { logger };
}

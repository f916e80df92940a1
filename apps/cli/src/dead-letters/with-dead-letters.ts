import type { Backend } from '@preservarium/backend';
import { type DeadLetters, readDeadLetters } from '@preservarium/dead-letters';
import type { Command } from 'commander';
import { type CommonOptions, readOptions } from '../common-options.js';
import { writeNote } from '../output.js';
import { withBackend } from '../with-backend.js';

export interface DeadLetterOptions extends CommonOptions {
  readonly deadLetterTopic?: string;
}

/** Where the dead letters are, and where they may go. */
export interface DeadLetterSource {
  readonly backend: Backend;
  readonly topic: string;
  readonly commandTopic: string;
}

export function addDeadLetterTopicOption(command: Command): void {
  command.option(
    '--dead-letter-topic <topic>',
    'topic of dead letters (DEVICE_DEAD_LETTER_TOPIC; default: device_commands_dead)',
  );
}

/** Reads the dead letters, and reports other records of the topic on stderr. */
export function withDeadLetters(
  options: DeadLetterOptions,
  signal: AbortSignal,
  use: (letters: DeadLetters, from: DeadLetterSource) => Promise<void>,
): Promise<void> {
  const settings = readOptions(options);
  return withBackend(settings, async (backend) => {
    const { deadLetterTopic: topic, commandTopic } = settings;
    await backend.connect({ timeoutMs: options.timeout, signal });
    const letters = await readDeadLetters(backend, { topic, timeoutMs: options.timeout, signal });
    if (letters.foreign !== undefined) writeNote(letters.foreign);
    await use(letters, { backend, topic, commandTopic });
  });
}

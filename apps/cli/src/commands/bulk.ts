import { exitCodes } from '@preservarium/command-line';
import { readLines } from '@preservarium/command-line/application';
import { type CommandInput, ConfigurationError } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import type { Command } from 'commander';
import { createBulkProgress } from '../bulk-progress.js';
import { openBulkSource } from '../bulk-source.js';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { createBackend } from '../create-backend.js';
import { writeLines } from '../output.js';
import { parseLine } from '../parse-line.js';
import { createPendingLines } from '../pending-lines.js';
import { addProtocolNameOption, type ProtocolNameOptions, readProtocols } from '../protocol-names.js';
import { readTopicPolicy } from '../read-topic-policy.js';
import { openRejectsFile, reportRejects } from '../rejects.js';
import { addSigningKeyOption, readSigner, type SigningOptions } from '../signer.js';

/** Far beyond the size that Kafka takes by default, and small enough for memory. */
const maxLineBytes = 16 * 1024 * 1024;
const maxPendingBytes = 64 * 1024 * 1024;

interface BulkOptions extends CommonOptions, ProtocolNameOptions, SigningOptions {
  readonly rejects?: string;
}

export function addBulkCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('bulk')
    .description('Push many commands: one JSON object per line, in snake_case or camelCase.')
    .argument('[file]', 'file to read; - is stdin', '-')
    .option(
      '--rejects <file>',
      'write each line that failed to this file as JSON: line, code, message, input',
    );
  addProtocolNameOption(command);
  addSigningKeyOption(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
Ctrl-C stops reading, waits for the commands in flight, and prints the number of the last line that was read.

Examples:
  pusher bulk commands.ndjson --rejects rejects.ndjson
  jq -c .input rejects.ndjson | pusher bulk
  pusher bulk commands.ndjson --backend memory`,
    )
    .action((path: string, options: BulkOptions) => bulk(path, options, signal));
}

async function bulk(path: string, options: BulkOptions, signal: AbortSignal): Promise<void> {
  const settings = readOptions(options);
  const protocols = readProtocols(options);
  const source = await openBulkSource(path, signal);
  if (options.rejects !== undefined && (await source.isFile(options.rejects))) {
    throw new ConfigurationError(
      `--rejects ${options.rejects} is the file that bulk reads: name another file, for example rejects.ndjson`,
    );
  }
  await using service = createPusherService({
    backend: await createBackend(settings),
    commandTopic: settings.commandTopic,
    protocols,
    topicPolicy: readTopicPolicy(options),
    sign: readSigner(options),
  });
  // Connects before reading: without Kafka each line would fail at its own deadline.
  await service.connect({ timeoutMs: options.timeout, signal });
  const file = options.rejects === undefined ? undefined : await openRejectsFile(options.rejects);
  const progress = createBulkProgress(source.sizeBytes);
  const rejects = file ?? reportRejects(progress.write);
  const pending = createPendingLines({ maxBytes: maxPendingBytes });
  const counts = { pushed: 0, failed: 0 };
  let lastLine = 0;

  async function* commands(): AsyncGenerator<CommandInput, void, undefined> {
    for await (const line of readLines(source.chunks, maxLineBytes)) {
      if (signal.aborted) return;
      lastLine = line.number;
      if (isBlank(line.bytes)) continue;
      const parsed = parseLine(line, protocols);
      if (parsed.ok) {
        await pending.add({ line: line.number, text: parsed.text, sizeBytes: line.bytes.length });
        yield parsed.command;
      } else {
        counts.failed += 1;
        await rejects.add({ line: line.number, error: parsed.error, text: parsed.text });
      }
    }
  }

  try {
    for await (const outcome of service.pushCommands(commands(), { timeoutMs: options.timeout })) {
      const { line, text } = pending.takeFirst();
      if (outcome.ok) counts.pushed += 1;
      else {
        counts.failed += 1;
        await rejects.add({ line, error: outcome.error, text });
      }
      progress.update(source.readBytes(), counts);
    }
  } finally {
    progress.stop();
    await rejects.close();
    await writeLines([summary(counts, signal.aborted ? lastLine : undefined)]);
  }
  if (counts.failed > 0) process.exitCode = exitCodes.failed;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function summary(
  { pushed, failed }: { readonly pushed: number; readonly failed: number },
  lastReadLine: number | undefined,
): string {
  const counted = `${pushed} pushed, ${failed} failed`;
  return lastReadLine === undefined ? counted : `${counted}; interrupted after line ${lastReadLine}`;
}

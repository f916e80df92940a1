import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandInput, decodeLifecycleEvent, encodeCommand, parseCommand } from '@preservarium/core';
import { readTopic, writeTopic } from '@preservarium/dev-services';
import { onTestFinished } from 'vitest';
import { sharedKafka } from './shared-kafka.js';

const kafka = sharedKafka();
/** A program as it is built. */
export const program = (name: string) => new URL(`../../apps/${name}/dist/main.js`, import.meta.url);
/** Prints a line with an attack and what stopped it. */
export const stopped = (attack: string, by: unknown) =>
  console.info(`attack: ${attack} | stopped: ${String(by).replaceAll('\n', ' ')}`);

/** Writes a command as an application does. */
export function push(
  topic: string,
  given: Partial<CommandInput> & Pick<CommandInput, 'deviceId' | 'protocol'>,
) {
  const command = parseCommand({ commandType: 'x', ...given });
  return writeTopic(kafka, topic, [{ partition: 0, key: command.deviceId, value: encodeCommand(command) }]);
}

/** The states in the lifecycle events of a device. */
export async function statesOf(topic: string, deviceId: string): Promise<string[]> {
  const records = await readTopic(kafka, `${topic}-events`);
  return records
    .map(({ value }) => decodeLifecycleEvent(value))
    .flatMap((read) => (read.ok && read.event.deviceId === deviceId ? [read.event.state] : []));
}

/** Writes a file for one test, and returns its path. */
export async function fileWith(name: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'attacks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

import { createRequire } from 'node:module';
import type { Backend } from '@preservarium/backend';
import { createBackend } from '@preservarium/command-line';

/** Not used: a backend connects when it is first used. */
const brokers = ['localhost:9092'];

/** Resolves with the version of this program; if `verbose`, also with that of Node and the codecs of each Kafka client, one line for each. */
export async function describeVersion({ verbose }: { readonly verbose: boolean }): Promise<string[]> {
  const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };
  if (!verbose) return [version];
  const clients = await Promise.all((['kafkajs', 'rdkafka'] as const).map(describeClient));
  return [`pusher ${version}`, `node ${process.versions.node}`, ...clients];
}

async function describeClient(name: 'kafkajs' | 'rdkafka'): Promise<string> {
  let backend: Backend;
  try {
    backend = await createBackend({ backend: name, brokers });
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
  await backend.close({ timeoutMs: 0 });
  return `${name}: compression ${['none', ...backend.supports.codecs].join(', ')}`;
}

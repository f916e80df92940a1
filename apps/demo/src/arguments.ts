import { parseArgs } from 'node:util';
import { type BackendName, backendNames } from './backends.js';

export const usage = `Pushes commands to IoT devices through Kafka, and shows what becomes of each of them.

Usage: npm run demo [-- [--backend ${backendNames.join('|')}] [--keep]]

  --backend NAME  use this backend only (default: both push, and the connectors use the first)
  --keep          stay up after it, to push commands of your own; Ctrl-C ends it
  --help          show this text

Kafka, an MQTT broker, devices and connectors are started for the demo and ended after it; where KAFKA_BOOTSTRAP_SERVERS is
set, that Kafka is used. It ends with 0 when each command ended as it should.
`;

export type DemoArguments =
  | { readonly kind: 'run'; readonly backends: readonly BackendName[]; readonly keep: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

export function readArguments(argv: readonly string[]): DemoArguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        backend: { type: 'string' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    });
    const { backend, keep } = values;
    if (values.help) return { kind: 'help' };
    if (backend === undefined) return { kind: 'run', backends: backendNames, keep };
    const chosen = backendNames.find((name) => name === backend);
    if (chosen !== undefined) return { kind: 'run', backends: [chosen], keep };
    return { kind: 'mistake', message: `--backend: "${backend}" is not one of ${backendNames.join(', ')}` };
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) };
  }
}

import { parseArgs } from 'node:util';
import { type BackendName, backendNames } from './backend-names.js';

export const usage = `Pushes commands to IoT devices through Kafka, and shows their lifecycle.

Usage: npm run demo [-- [--backend ${backendNames.join('|')}] [--keep]]

  --backend NAME  use this backend only (default: both push, and the connectors use the first)
  --keep          keep running after the report, with a console in the browser, for commands of your own; Ctrl-C ends it
  --help          show this text

The demo starts and ends its own Kafka, MQTT broker, devices and connectors. If KAFKA_BOOTSTRAP_SERVERS is set, it uses that Kafka.
It exits with 0 if each command ended as expected.
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

import { parseArgs } from 'node:util';
import { type BackendName, backendNames } from './backends.js';

export const usage = `Pushes commands to an IoT device through Kafka, reads them back and shows what arrived.

Usage: npm run demo [-- --backend ${backendNames.join('|')}]

  --backend NAME  use this backend only (default: each in turn)
  --help          show this text

Kafka is started for the demo and ended after it; where KAFKA_BOOTSTRAP_SERVERS is set, that one is used.
`;

export type DemoArguments =
  | { readonly kind: 'run'; readonly backends: readonly BackendName[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

export function readArguments(argv: readonly string[]): DemoArguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { backend: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help) return { kind: 'help' };
    if (values.backend === undefined) return { kind: 'run', backends: backendNames };
    const chosen = backendNames.find((name) => name === values.backend);
    if (chosen !== undefined) return { kind: 'run', backends: [chosen] };
    return {
      kind: 'mistake',
      message: `--backend: "${values.backend}" is not one of ${backendNames.join(', ')}`,
    };
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) };
  }
}

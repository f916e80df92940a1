import type { Tally } from '../arrivals.js';
import { startChildProgram } from '../child-program.js';

export type DevicesQuestion =
  | { readonly kind: 'forget' }
  | { readonly kind: 'until'; readonly count: number }
  | { readonly kind: 'tally' };

/** All devices: one subscriber that counts what comes. */
export interface Devices extends AsyncDisposable {
  /** Begins to count anew. */
  forget(): Promise<void>;
  /** Resolves when so many different commands have come, or when nothing has come for 30 seconds. */
  until(count: number): Promise<Tally>;
  tally(): Promise<Tally>;
}

/** Longer than anything that is waited for takes, so that a process that hangs is noticed. */
const timeoutMs = 600_000;

export function startDevices(brokerUrl: string): Devices {
  const program = startChildProgram<DevicesQuestion, Tally>(
    new URL('./devices-program.js', import.meta.url),
    brokerUrl,
  );
  return {
    async forget() {
      await program.ask({ kind: 'forget' }, { timeoutMs });
    },
    until: (count) => program.ask({ kind: 'until', count }, { timeoutMs }),
    tally: () => program.ask({ kind: 'tally' }, { timeoutMs }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

import { SettingsConflictError } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWorld, places } from '../test/world.js';
import type { Settings } from './index.js';

const push = fc.record({
  process: fc.nat(2),
  device: fc.constantFrom('d1', 'd2'),
  isForVersion: fc.boolean(),
  /** Pushes that start before it ends run concurrently. */
  isAwaited: fc.boolean(),
});

/** Which of the numbered pushes the settings of a device have to have, and which they must not have. */
interface Verdicts {
  readonly accepted: string[];
  readonly refused: string[];
}

describe.each(places)('settings in %s', (place) => {
  test('of any pushes from several processes, what was accepted is in the settings, and what was refused is not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(push, { maxLength: 30 }), async (pushes) => {
        const { open } = createWorld(place);
        const processes = await Promise.all([open(), open(), open()]);
        const verdicts: Verdicts = { accepted: [], refused: [] };
        const underWay: Promise<unknown>[] = [];
        for (const [number, { process, device, isForVersion, isAwaited }] of pushes.entries()) {
          const settings = processes[process] as Settings;
          const ifVersion = settings.getSettings(device)?.desiredVersion ?? -1;
          const pushed = settings.pushSettings(
            device,
            { [`push ${number}`]: true },
            isForVersion ? { ifVersion } : {},
          );
          const noted = pushed.then(
            () => verdicts.accepted.push(`${device} push ${number}`),
            (error: unknown) => {
              if (!SettingsConflictError.isInstance(error)) throw error;
              verdicts.refused.push(`${device} push ${number}`);
            },
          );
          underWay.push(noted);
          if (isAwaited) await noted;
        }
        await Promise.all(underWay);
        const late = await open();
        const found = ['d1', 'd2'].flatMap((device) =>
          Object.keys(late.getSettings(device)?.desired ?? {}).map((key) => `${device} ${key}`),
        );
        expect(found.sort()).toEqual(verdicts.accepted.sort());
        expect(verdicts.accepted.length + verdicts.refused.length).toBe(pushes.length);
        for (const device of ['d1', 'd2']) {
          for (const settings of processes) {
            expect(settings.getSettings(device)).toEqual(late.getSettings(device));
          }
        }
        await Promise.all([...processes, late].map((settings) => settings.close()));
      }),
      { numRuns: 50 },
    );
  });
});

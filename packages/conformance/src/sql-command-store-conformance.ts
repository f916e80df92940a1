import assert from 'node:assert/strict';
import { storedEvent } from './command-store/stored-event.js';
import type { CommandStoreHarness } from './command-store-harness.js';
import type { ConformanceTest } from './harness.js';

/** Access of the suite to the database of the store under test. */
export interface SqlCommandStoreHarness extends CommandStoreHarness {
  /** Runs a statement in the place that was made last, and gives the rows as JSON. */
  execute(statement: string): Promise<string>;
  /** Gives the plan by which that place finds the rows of a query. */
  explain(query: string): Promise<string>;
}

export interface SqlCommandStoreSuite {
  readonly test: ConformanceTest;
  readonly harness: SqlCommandStoreHarness;
}

const newestFirst = 'ORDER BY state_at_ms DESC, request_id DESC, device_id DESC LIMIT 10';
const queries = [
  ['of a device', `device_id = 'd1' ${newestFirst}`, 'by_device'],
  ['of a request', "request_id = 'r1'", 'by_request'],
  ['in a state', `state = 'waiting' ${newestFirst}`, 'by_state'],
  ['since a time', "state IN ('failed', 'dead') AND state_at_ms >= 5", 'by_state'],
  ['of all', `state <> 'unproven' AND state_at_ms < 5 ${newestFirst}`, 'by_time'],
  ['to be pruned', 'at_rest = 1 AND state_at_ms < 5 ORDER BY state_at_ms LIMIT 10', 'by_rest'],
] as const;
const becomeNewer = 'UPDATE pusher_command_store_version SET version = 1000';
const isTooNew = { code: 'CONFIGURATION_INVALID', message: /version 1000/ };

/** Defines a test for each obligation of a store that has its tables from `openSqlCommandStore`. Assertions are those of `node:assert`. */
export function sqlCommandStoreConformance({ test, harness }: SqlCommandStoreSuite): void {
  test('tables: those of a newer version are refused, and left as they are', async () => {
    const open = await harness.createPlace();
    await (await open()).close();
    await harness.execute(becomeNewer);
    for (const _ of [1, 2]) await assert.rejects(open(), isTooNew);
  });

  test('tables: a store that is open notices that they became newer, and changes nothing more', async () => {
    const open = await harness.createPlace();
    await using store = await open();
    await store.save([storedEvent('dead')]);
    await harness.execute(becomeNewer);
    await assert.rejects(store.save([storedEvent('dead', { requestId: 'r2' })]), isTooNew);
    assert.deepEqual(await store.countByState(), { dead: 1 });
  });

  for (const [which, where, index] of queries) {
    test(`tables: commands ${which} are found by an index`, async () => {
      const open = await harness.createPlace();
      await (await open()).close();
      const plan = await harness.explain(`SELECT * FROM pusher_commands WHERE ${where}`);
      assert.match(plan, new RegExp(`pusher_commands_${index}`));
    });
  }
}

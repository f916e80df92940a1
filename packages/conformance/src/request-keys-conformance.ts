import assert from 'node:assert/strict';
import type { RequestClaim, RequestKeys } from '@preservarium/command-store';
import type { ConformanceTest } from './harness.js';
import { longerTimeout } from './longer-timeout.js';

export interface RequestKeysSuite {
  readonly test: ConformanceTest;
  /** Creates an empty place for one test, and returns a function that opens request keys there, each time as another process would. */
  createPlace(): Promise<() => Promise<RequestKeys>>;
  /** True: they are outside of the process, and several processes may use them; false omits those tests. */
  readonly isShared: boolean;
}

const claim: RequestClaim = { scope: 'a', deviceId: 'd1', key: 'k1', fingerprint: 'f1' };
/** Longer than any test. */
const leaseMs = 600_000;
const receipt = { topic: 'device_commands', partition: 3, offset: 42 };

/** Defines a test for each obligation of `RequestKeys`. Assertions are those of `node:assert`. */
export function requestKeysConformance({ test: short, createPlace, isShared }: RequestKeysSuite): void {
  const test = longerTimeout(short, 60_000);

  test('keys: a new key is open, and is the request id', async () => {
    await using keys = await (await createPlace())();
    assert.deepEqual(await keys.claim(claim, leaseMs), { kind: 'open', requestId: 'k1' });
  });

  test('keys: a key that is carried out is leased, until its lease ends', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    assert.deepEqual(await keys.claim(claim, leaseMs), { kind: 'leased' });
    await keys.endLease(claim);
    assert.deepEqual(await keys.claim(claim, 1), { kind: 'open', requestId: 'k1' });
    let { kind } = await keys.claim(claim, leaseMs);
    while (kind === 'leased') ({ kind } = await keys.claim(claim, leaseMs));
    assert.equal(kind, 'open');
    assert.deepEqual(await keys.claim(claim, leaseMs), { kind: 'leased' });
  });

  test('keys: a renewed lease goes on, and a confirmed request has none', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, 1);
    await keys.renew(claim, leaseMs);
    assert.deepEqual(await keys.claim(claim, leaseMs), { kind: 'leased' });
    await keys.confirm(claim, receipt);
    assert.equal((await keys.claim(claim, leaseMs)).kind, 'confirmed');
    await keys.endLease(claim);
    assert.equal((await keys.claim(claim, leaseMs)).kind, 'confirmed');
  });

  test('keys: the first receipt of a request stays', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    assert.deepEqual(await keys.confirm(claim, receipt), receipt);
    assert.deepEqual(await keys.confirm(claim, { ...receipt, offset: 43 }), receipt);
    assert.deepEqual(await keys.claim(claim, leaseMs), { kind: 'confirmed', requestId: 'k1', receipt });
  });

  test('keys: another request does not get the key', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    assert.deepEqual(await keys.claim({ ...claim, fingerprint: 'f2' }, leaseMs), { kind: 'other' });
  });

  test('keys: another device has the same key, with the same request id', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    const outcome = await keys.claim({ ...claim, deviceId: 'd2', fingerprint: 'f2' }, leaseMs);
    assert.deepEqual(outcome, { kind: 'open', requestId: 'k1' });
  });

  test('keys: another caller has the same key, with a request id of its own', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    const ofOther = { ...claim, scope: 'b', fingerprint: 'f2' };
    const outcome = await keys.claim(ofOther, leaseMs);
    assert(outcome.kind === 'open' && outcome.requestId !== 'k1');
    await keys.endLease(ofOther);
    assert.deepEqual(await keys.claim(ofOther, leaseMs), outcome);
  });

  test('keys: a released key is free, a confirmed one is not', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    await keys.release(claim);
    const other = { ...claim, fingerprint: 'f2' };
    assert.deepEqual(await keys.claim(other, leaseMs), { kind: 'open', requestId: 'k1' });
    await keys.confirm(other, receipt);
    await keys.release(other);
    assert.equal((await keys.claim(other, leaseMs)).kind, 'confirmed');
  });

  test('keys: old keys are forgotten', async () => {
    await using keys = await (await createPlace())();
    await keys.claim(claim, leaseMs);
    assert.equal(await keys.prune(new Date(Date.now() - 60_000)), 0);
    assert.equal(await keys.prune(new Date(Date.now() + 60_000)), 1);
    assert.deepEqual(await keys.claim({ ...claim, fingerprint: 'f2' }, leaseMs), {
      kind: 'open',
      requestId: 'k1',
    });
  });

  if (!isShared) return;

  test('keys: a claim outlives the process', async () => {
    const open = await createPlace();
    const first = await open();
    await first.claim(claim, leaseMs);
    await first.close();
    await using second = await open();
    assert.deepEqual(await second.claim({ ...claim, fingerprint: 'f2' }, leaseMs), { kind: 'other' });
  });

  test('keys: of several claims at the same time, one is the first', async () => {
    const open = await createPlace();
    await using one = await open();
    await using other = await open();
    const claims = Array.from({ length: 20 }, (_, index) => ({ ...claim, fingerprint: `f${index}` }));
    const outcomes = await Promise.all(
      claims.map((each, index) => (index % 2 === 0 ? one : other).claim(each, leaseMs)),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'open').length, 1);
    assert.equal(outcomes.filter(({ kind }) => kind === 'other').length, 19);
  });

  test('keys: of several claims of one request at the same time, one carries it out, and another one after its lease', async () => {
    const open = await createPlace();
    await using one = await open();
    await using other = await open();
    const claimAll = async () => {
      const both = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other));
      const outcomes = await Promise.all(both.map((keys) => keys.claim(claim, leaseMs)));
      return outcomes.map(({ kind }) => kind).toSorted();
    };
    const expected = [...Array(19).fill('leased'), 'open'];
    assert.deepEqual(await claimAll(), expected);
    await one.endLease(claim);
    assert.deepEqual(await claimAll(), expected);
  });
}

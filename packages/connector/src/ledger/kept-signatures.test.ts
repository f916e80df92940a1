import { expect, test } from 'vitest';
import { createKeptSignatures } from './kept-signatures.js';

const at = (offset: number, issuedAtMs: number) => ({ offset, issuedAtMs, digest: `s${offset}` });

test('records are kept while their signatures may be copied, or their commands are read again', () => {
  const kept = createKeptSignatures(1_600);
  kept.add(10, [at(0, 1_000)]);
  kept.add(11, [at(1, 1_050)]);
  kept.add(12, [at(2, 1_200)]);
  kept.processed(3);
  expect(kept.firstPin()).toBe(10);
  kept.add(20, [at(3, 2_700)]);
  expect(kept.firstPin()).toBe(12);
  kept.add(30, [at(4, 9_000)]);
  expect(kept.firstPin()).toBe(20);
  kept.processed(5);
  expect(kept.firstPin()).toBe(30);
  const resumed = createKeptSignatures(1_600);
  resumed.resume(kept.spans());
  expect(resumed.firstPin()).toBe(30);
});

test('however many records there are, there are few spans', () => {
  const kept = createKeptSignatures(1_600);
  for (let offset = 0; offset < 10_000; offset++) kept.add(offset, [at(offset, offset)]);
  kept.processed(10_000);
  expect(kept.firstPin()).toBeGreaterThan(8_200);
  expect(kept.spans().length).toBeLessThan(18);
});

test('without signatures nothing is kept', () => {
  const kept = createKeptSignatures(undefined);
  kept.add(1, [at(0, 1_000)]);
  expect(kept.firstPin()).toBe(undefined);
});

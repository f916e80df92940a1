import { expect, test } from 'vitest';
import { createCallerBudgets } from './caller-budgets.js';

const limits = { requestsPerSecond: 10, openRequests: 100 };

test('requests that wait for the budget go on in the next second, and others are refused until then', async () => {
  let nowMs = 0;
  const budgets = createCallerBudgets(limits, () => nowMs);
  await budgets.spendInTime('a', 10);
  let isSpent = false;
  const waiting = budgets.spendInTime('a', 6).then(() => {
    isSpent = true;
  });
  expect(() => budgets.open('a')).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ status: 429 }) }),
  );
  budgets.open('b').close();
  expect(isSpent).toBe(false);
  nowMs = 1_000;
  await waiting;
  budgets.spend('a', 4);
  expect(() => budgets.spend('a', 1)).toThrow('more than 10 requests in a second');
});

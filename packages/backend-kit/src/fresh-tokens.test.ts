import type { OauthBearerToken } from '@preservarium/backend';
import { AuthenticationError } from '@preservarium/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFreshTokens } from './fresh-tokens.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A token function that gives tokens of this lifetime, and counts; `fail` makes it fail from now on. */
function tokenFunction(lifetimeMs: number) {
  let asked = 0;
  let failure: Error | undefined;
  const token = async (): Promise<OauthBearerToken> => {
    asked++;
    if (failure) throw failure;
    return { value: `token ${asked}`, expiresAtMs: Date.now() + lifetimeMs, principal: 'pusher' };
  };
  return {
    sasl: { mechanism: 'oauthbearer' as const, token },
    asked: () => asked,
    fail: (error: Error | undefined) => {
      failure = error;
    },
  };
}

function tokensOf(source: ReturnType<typeof tokenFunction>) {
  return createFreshTokens(source) ?? expect.fail('no tokens');
}

test('a token serves everybody until 80 % of its lifetime are over', async () => {
  const source = tokenFunction(hourMs);
  const tokens = tokensOf(source);
  await Promise.all([tokens.current(), tokens.current()]);
  expect(source.asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(0.79 * hourMs);
  expect((await tokens.current()).value).toBe('token 1');
  await vi.advanceTimersByTimeAsync(0.01 * hourMs);
  expect((await tokens.current()).value).toBe('token 2');
  expect(source.asked()).toBe(2);
});

test('a follower gets a token of 30 days once within 23 days, and the next one after 24', async () => {
  const source = tokenFunction(30 * dayMs);
  const used: string[] = [];
  const tokens = tokensOf(source);
  const stop = await tokens.follow(({ value }) => used.push(value));
  await vi.advanceTimersByTimeAsync(23 * dayMs);
  expect(used).toEqual(['token 1']);
  await vi.advanceTimersByTimeAsync(2 * dayMs);
  expect(used.at(-1)).toBe('token 2');
  expect(source.asked()).toBe(2);
  stop();
  await vi.advanceTimersByTimeAsync(60 * dayMs);
  expect(used).toHaveLength(2);
  tokens.close();
  const asked = source.asked();
  await vi.advanceTimersByTimeAsync(60 * dayMs);
  expect(source.asked()).toBe(asked);
});

test('a token function that fails is asked again with growing pauses, and the old token stays in use', async () => {
  const source = tokenFunction(hourMs);
  const used: string[] = [];
  const tokens = tokensOf(source);
  await tokens.follow(({ value }) => used.push(value));
  source.fail(new Error('no identity provider'));
  await vi.advanceTimersByTimeAsync(0.8 * hourMs + 3_500);
  expect(source.asked()).toBe(4);
  expect((await tokens.current()).value).toBe('token 1');
  source.fail(undefined);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(used.at(-1)).toBe('token 5');
});

test('a token that expired without a new one is the error of the function, until there is a new one', async () => {
  const source = tokenFunction(10_000);
  const used: string[] = [];
  const tokens = tokensOf(source);
  await tokens.follow(({ value }) => used.push(value));
  source.fail(new Error('no identity provider'));
  await vi.advanceTimersByTimeAsync(30_000);
  await expect(tokens.current()).rejects.toThrow('no identity provider');
  source.fail(undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(used.at(-1)).not.toBe('token 1');
});

test('without a first token, the error of the function', async () => {
  const source = tokenFunction(hourMs);
  source.fail(new Error('no identity provider'));
  const tokens = tokensOf(source);
  const message = 'the token function of sasl failed: Error: no identity provider';
  await expect(tokens.current()).rejects.toThrow(new AuthenticationError(message));
  await expect(tokens.follow(() => {})).rejects.toThrow(message);
  source.fail(undefined);
  expect((await tokens.current()).value).toBe('token 3');
});

test('other mechanisms have no tokens', () => {
  expect(createFreshTokens({ sasl: undefined })).toBeUndefined();
  expect(createFreshTokens({ sasl: { mechanism: 'plain', username: 'u', password: 'p' } })).toBeUndefined();
});

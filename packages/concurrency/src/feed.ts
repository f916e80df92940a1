import type { PusherError } from '@preservarium/core';
import { onAbort } from './on-abort.js';

/** The items, to iterate over. */
export type FeedReader<Item> = AsyncIterableIterator<Item, undefined> & AsyncDisposable;

/** Hands items to one reader, who may be slower for a while. */
export interface Feed<Item> {
  readonly reader: FeedReader<Item>;
  push(item: Item): void;
  /** The reader still gets what it has not read, and then the end, or the error. */
  end(error?: unknown): void;
}

export interface FeedOptions<Item> {
  /** Items that may wait to be read. One more, and the reader gets the error of `tooManyUnread` after them. */
  readonly maxUnread: number;
  /** Bytes that they may have together; a single item may have more. Default: no bound. */
  readonly maxUnreadBytes?: number;
  /** Returns the bytes of an item. Default: 0. */
  sizeOf?(item: Item): number;
  /** @param limit the one that is reached */
  tooManyUnread(limit: 'maxUnread' | 'maxUnreadBytes'): PusherError;
  /** Aborting ends the reading at once. */
  readonly signal: AbortSignal | undefined;
  /** Called once, when nothing is to be pushed any longer. */
  onEnd(): void;
}

export function createFeed<Item>({
  maxUnread,
  maxUnreadBytes = Number.POSITIVE_INFINITY,
  sizeOf = () => 0,
  tooManyUnread,
  signal,
  onEnd,
}: FeedOptions<Item>): Feed<Item> {
  const unread: { readonly item: Item; readonly bytes: number }[] = [];
  let unreadBytes = 0;
  const reading: PromiseWithResolvers<IteratorResult<Item, undefined>>[] = [];
  let ended: { error?: unknown } | undefined;

  function push(item: Item): void {
    if (ended !== undefined) return;
    const first = reading.shift();
    if (first !== undefined) first.resolve({ done: false, value: item });
    else if (unread.length >= maxUnread) end(tooManyUnread('maxUnread'));
    else keep(item, sizeOf(item));
  }

  function keep(item: Item, bytes: number): void {
    if (unread.length > 0 && unreadBytes + bytes > maxUnreadBytes) {
      end(tooManyUnread('maxUnreadBytes'));
      return;
    }
    unread.push({ item, bytes });
    unreadBytes += bytes;
  }

  function take(): Item | undefined {
    const next = unread.shift();
    unreadBytes -= next?.bytes ?? 0;
    return next?.item;
  }

  function end(error?: unknown): void {
    if (ended !== undefined) return;
    ended = { error };
    stopListening?.();
    onEnd();
    for (const each of reading.splice(0)) takeEnd().then(each.resolve, each.reject);
  }

  /** The error comes once, as from a generator. */
  async function takeEnd(): Promise<IteratorResult<Item, undefined>> {
    const error = ended?.error;
    ended = {};
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  async function leave(): Promise<IteratorResult<Item, undefined>> {
    unread.length = 0;
    end();
    return { done: true, value: undefined };
  }

  const stopListening = signal && onAbort(signal, leave);
  if (signal?.aborted) void leave();

  const reader: FeedReader<Item> = {
    next() {
      if (unread.length > 0) return Promise.resolve({ done: false, value: take() as Item });
      if (ended !== undefined) return takeEnd();
      const next = Promise.withResolvers<IteratorResult<Item, undefined>>();
      reading.push(next);
      return next.promise;
    },
    return: leave,
    [Symbol.asyncIterator]: () => reader,
    async [Symbol.asyncDispose]() {
      await leave();
    },
  };
  return { reader, push, end };
}

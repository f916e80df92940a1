import { pace } from './pace.js';
import { timerDelay } from './timer.js';

/** Reports each item that is not removed before its deadline. */
export interface Deadlines<Item> {
  /**
   * Returns the deadline, which `remove` needs.
   *
   * @param timeoutMs `Infinity` and everything beyond 2^31-1 is 24 days
   */
  add(item: Item, timeoutMs: number): Deadline<Item>;
  remove(item: Item, deadline: Deadline<Item>): void;
  /** Returns the items whose deadlines have not passed. */
  items(): Item[];
}

/** The items of one timer. */
export interface Deadline<Item> {
  readonly items: Set<Item>;
  readonly time: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

const resolutionMs = 10;

/** One timer serves all deadlines within 10 ms, at their end: a timer for each push would cost more than encoding it. */
export function createDeadlines<Item>(onPassed: (item: Item) => void): Deadlines<Item> {
  const deadlines = new Map<number, Deadline<Item>>();

  function begin(time: number, delayMs: number): Deadline<Item> {
    const timer = setTimeout(() => pass(deadline), timerDelay(delayMs));
    const deadline = { items: new Set<Item>(), time, timer };
    deadlines.set(time, deadline);
    return deadline;
  }

  function pass({ time, items }: Deadline<Item>): void {
    deadlines.delete(time);
    for (const item of items) pace(() => items.has(item) && onPassed(item));
  }

  return {
    add(item, timeoutMs) {
      const nowMs = performance.now();
      const time = Math.ceil((nowMs + timerDelay(timeoutMs)) / resolutionMs);
      const deadline = deadlines.get(time) ?? begin(time, time * resolutionMs - nowMs);
      deadline.items.add(item);
      return deadline;
    },
    remove(item, deadline) {
      const { items, time, timer } = deadline;
      items.delete(item);
      if (items.size > 0) return;
      clearTimeout(timer);
      if (deadlines.get(time) === deadline) deadlines.delete(time);
    },
    items: () => [...deadlines.values()].flatMap(({ items }) => [...items]),
  };
}

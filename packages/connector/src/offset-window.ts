/**
 * The offsets of one partition that were taken and may be finished in any order. What may be committed is the end of the
 * unbroken run of finished ones: everything below it is done with.
 */
export interface OffsetWindow {
  /** Takes a record; offsets come in rising order, with gaps where Kafka has none. */
  take(offset: number): void;
  /** Returns the offset to commit where this made the unbroken run longer. */
  finish(offset: number): number | undefined;
  /** The highest offset that was finished; -1 when none was. */
  lastFinished(): number;
}

interface TakenOffset {
  readonly offset: number;
  finished: boolean;
}

export function createOffsetWindow(): OffsetWindow {
  const taken = new Map<number, TakenOffset>();
  const order: TakenOffset[] = [];
  let head = 0;
  let lastFinished = -1;

  function take(offset: number): void {
    const entry = { offset, finished: false };
    taken.set(offset, entry);
    order.push(entry);
  }

  function finish(offset: number): number | undefined {
    const entry = taken.get(offset);
    if (entry === undefined || entry.finished) return undefined;
    entry.finished = true;
    lastFinished = Math.max(lastFinished, offset);
    let nextOffset: number | undefined;
    for (let first = order[head]; first?.finished; first = order[head]) {
      nextOffset = first.offset + 1;
      taken.delete(first.offset);
      head++;
    }
    if (head > 1024 && head * 2 > order.length) {
      order.splice(0, head);
      head = 0;
    }
    return nextOffset;
  }

  return { take, finish, lastFinished: () => lastFinished };
}

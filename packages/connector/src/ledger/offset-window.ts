/**
 * The offsets of one partition that were taken, and end in any order. The end of the unbroken run of processed ones may be committed.
 */
export interface OffsetWindow {
  /** Takes a record; offsets come in rising order, with gaps where Kafka has none. */
  take(offset: number): void;
  /** Returns the offset to commit where this made the unbroken run longer. */
  finish(offset: number): number | undefined;
  /** The offset after the last one taken; 0 when none was. */
  nextOffset(): number;
  /** Offsets that were taken and not finished, in rising order. */
  open(): number[];
  /** The lowest offset that was taken and not finished. */
  first(): number | undefined;
}

export function createOffsetWindow(): OffsetWindow {
  const offsets: number[] = [];
  const finished: boolean[] = [];
  let head = 0;

  function take(offset: number): void {
    offsets.push(offset);
    finished.push(false);
  }

  function finish(offset: number): number | undefined {
    const position = positionOf(offset);
    if (position === undefined || finished[position]) return undefined;
    finished[position] = true;
    if (position > head) return undefined;
    while (finished[head]) head++;
    const nextOffset = (offsets[head - 1] as number) + 1;
    dropFinished();
    return nextOffset;
  }

  function positionOf(offset: number): number | undefined {
    let low = head;
    let high = offsets.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((offsets[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return offsets[low] === offset ? low : undefined;
  }

  function dropFinished(): void {
    if (head <= 1024 || head * 2 <= offsets.length) return;
    offsets.splice(0, head);
    finished.splice(0, head);
    head = 0;
  }

  function open(): number[] {
    const found: number[] = [];
    for (let position = head; position < offsets.length; position++) {
      if (!finished[position]) found.push(offsets[position] as number);
    }
    return found;
  }

  return {
    take,
    finish,
    nextOffset: () => (offsets.at(-1) ?? -1) + 1,
    open,
    first: () => offsets[head],
  };
}

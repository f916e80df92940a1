/** Answers that devices give, one for each request, until there are no more. */
export interface Answers {
  /** Resolves when so many more answers were taken from `next`, which is asked once for each. */
  give(count: number, next: () => Buffer): Promise<void>;
  /** The next answer; undefined while the device is to answer as it should. */
  take(): Buffer | undefined;
}

export function createAnswers(): Answers {
  let left = 0;
  let next: (() => Buffer) | undefined;
  let onEnd = () => {};
  return {
    give(count, given) {
      left = count;
      next = given;
      return new Promise((resolve) => {
        onEnd = resolve;
      });
    },
    take() {
      if (left === 0 || next === undefined) return undefined;
      left -= 1;
      const answer = next();
      if (left === 0) onEnd();
      return answer;
    },
  };
}

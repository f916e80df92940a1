/** There and back, so that none always has its turn after the same other one, or first. */
export function inRound<Contestant>(
  round: number,
  contestants: readonly Contestant[],
): readonly Contestant[] {
  return round % 2 === 1 ? contestants : contestants.toReversed();
}

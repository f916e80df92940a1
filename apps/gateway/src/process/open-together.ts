/**
 * Opens resources at the same time, and puts those that open on the stack, also where another one fails.
 *
 * @throws what the first of them in the list failed with
 */
export async function openTogether<Opening extends Readonly<Record<string, Promise<AsyncDisposable>>>>(
  stack: AsyncDisposableStack,
  opening: Opening,
): Promise<{ readonly [Name in keyof Opening]: Awaited<Opening[Name]> }> {
  const outcomes = await Promise.allSettled(Object.values(opening));
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') stack.use(outcome.value);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const entries = await Promise.all(
    Object.entries(opening).map(async ([name, opened]) => [name, await opened]),
  );
  return Object.fromEntries(entries);
}

/** Resolves when all are open. If one fails, closes the others, and rejects with its error. */
export async function openTogether<Opened extends readonly AsyncDisposable[]>(
  opening: { readonly [Index in keyof Opened]: Promise<Opened[Index]> },
): Promise<Opened> {
  try {
    return (await Promise.all(opening)) as unknown as Opened;
  } catch (error) {
    const outcomes = await Promise.allSettled(opening);
    await closeTogether(
      outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    );
    throw error;
  }
}

export async function closeTogether(opened: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(opened.map((each) => each[Symbol.asyncDispose]()));
}

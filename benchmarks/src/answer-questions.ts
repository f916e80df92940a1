/** The other side of a {@link ChildProgram}: this process answers its parent, and ends with it. */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
): void {
  process.on('message', async (text) => {
    process.send?.(JSON.stringify(await answer(JSON.parse(String(text)) as Question)));
  });
  process.once('disconnect', () => process.exit());
}

/** The scope in which the programs are published. */
const scope = '@preservarium';

/**
 * Returns the command line with which the reader of a message runs a program, as the program itself was run: by npm in a clone, by
 * npx, or as an installed command.
 *
 * @param program its name, for example `pusher`
 * @param packageName its package without the scope, for example `cli`; default: the name of the program
 */
export function commandOf(
  program: string,
  packageName: string = program,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (environment.npm_lifecycle_event === program) return `npm run -s ${program} --`;
  if (environment.npm_lifecycle_event === 'npx') return `npx ${scope}/${packageName}`;
  return program;
}

import { join } from 'node:path';
import { javaFolder } from '../program-folders.js';
import { runCommand } from './run-command.js';

/** Compiles a file of this package's folder `java` against the jars, and returns the folder of its classes; needs the JDK. */
export async function compileJava(
  file: string,
  { jars, folder }: { readonly jars: string; readonly folder: string },
): Promise<string> {
  const home = process.env.JAVA_HOME;
  const compiler = home ? join(home, 'bin', 'javac') : 'javac';
  const classes = join(folder, 'classes');
  await runCommand(compiler, ['-cp', join(jars, '*'), '-d', classes, join(javaFolder, file)], {
    timeoutMs: 120_000,
  });
  return classes;
}

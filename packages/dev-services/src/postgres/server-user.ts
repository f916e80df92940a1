import { runCommand } from '../kafka/run-command.js';

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server is to run as: PostgreSQL refuses to run as root. Undefined where this process is another user already. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (kind: '-u' | '-g') =>
    Number(await runCommand('id', [kind, 'nobody'], { timeoutMs: 5_000 }));
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

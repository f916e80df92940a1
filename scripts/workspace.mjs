// The common part of the checks: the publishable packages, running a command, temporary folders.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The packages that are published: `{ name, folder, manifest }`, each once, sorted by name. */
export async function publishablePackages(repository = root) {
  const folders = (await readdir(join(repository, 'packages'))).sort();
  const packages = await Promise.all(
    folders.map(async (name) => {
      const folder = join(repository, 'packages', name);
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      return { name: manifest.name, folder, manifest };
    }),
  );
  return packages.filter(({ manifest }) => !manifest.private);
}

/** Runs a command to its end and resolves to what it printed; rejects with what it printed when it fails. */
export function run(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit code ${code}`}\n${output}`));
    });
  });
}

/** Calls `use` with a new folder outside the repository, and removes the folder afterwards. */
export async function withTemporaryFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

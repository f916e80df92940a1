// The common part of the checks: the publishable packages, running a command, temporary folders.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The packages that are published, without those of other platforms: `{ name, folder, manifest }`, each once, sorted by name. */
export async function publishablePackages(repository = root) {
  const folders = await Promise.all(
    ['packages', 'apps'].map(async (name) =>
      (await readdir(join(repository, name), { withFileTypes: true }))
        .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
        .map((entry) => join(repository, name, entry.name)),
    ),
  );
  const packages = await Promise.all(
    folders.flat().map(async (folder) => {
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      return { name: manifest.name, folder, manifest };
    }),
  );
  return packages
    .filter(({ manifest }) => !manifest.private && isOfThisPlatform(manifest))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function isOfThisPlatform({ os = [process.platform], cpu = [process.arch] }) {
  return os.includes(process.platform) && cpu.includes(process.arch);
}

/** Writes the declarations of all packages: the build for programs and tests has none. */
export function buildDeclarations() {
  return run('turbo', ['run', 'declarations', '--output-logs=errors-only']);
}

/** Calls `use` for each item, a few at a time, and resolves to the results in the order of the items. */
export async function inParallel(items, use) {
  const results = [];
  const waiting = items.entries();
  const work = async () => {
    for (const [index, item] of waiting) results[index] = await use(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
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

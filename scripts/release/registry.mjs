import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '../workspace.mjs';

const readyWithinMs = 60_000;

/** Starts verdaccio on a free port, calls `use` with its address, and ends it whatever happens. */
export async function withRegistry(folder, use) {
  await mkdir(folder);
  const everybody = { access: '$all', publish: '$all' };
  const upstream = (await run('npm', ['config', 'get', 'registry'])).trim();
  const config = {
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'users') } },
    uplinks: { upstream: { url: upstream } },
    packages: { '@preservarium/*': everybody, '**': { ...everybody, proxy: 'upstream' } },
    log: { type: 'stdout', level: 'error' },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
  const registry = `http://127.0.0.1:${await freePort()}/`;
  const server = spawn('verdaccio', ['--config', join(folder, 'config.yaml'), '--listen', registry], {
    stdio: 'inherit',
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    await waitUntilReady(registry, server);
    await use(registry);
  } finally {
    server.kill();
    await ended;
  }
}

/** Publishes the packages whose version the registry does not have. */
export async function publish(copy, registry) {
  await run('pnpm', ['publish', '-r', '--registry', registry, '--no-git-checks'], {
    cwd: copy,
    // Clients want a token even where everybody may publish.
    env: { [`npm_config_${registry.slice('http:'.length)}:_authToken`]: 'anyone' },
  });
}

/**
 * Variables for npm and npx as on another machine: no setting of this repository, no program that was installed before.
 * Earlier downloads are reused.
 */
export async function npmVariables(folder, registry) {
  const downloads = (await run('npm', ['config', 'get', 'cache'])).trim();
  const cache = join(folder, 'npm-cache');
  await mkdir(join(downloads, '_cacache'), { recursive: true });
  await mkdir(cache);
  await symlink(join(downloads, '_cacache'), join(cache, '_cacache'));
  return {
    npm_config_registry: registry,
    npm_config_cache: cache,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_prefer_offline: 'false',
  };
}

async function waitUntilReady(registry, server) {
  const deadline = Date.now() + readyWithinMs;
  while (!(await fetch(`${registry}-/ping`).catch(() => undefined))?.ok) {
    if (Date.now() > deadline || server.exitCode !== null) throw new Error('The registry did not start.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

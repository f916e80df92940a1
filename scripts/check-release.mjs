// A release, rehearsed: in a copy of the repository the pending changesets become versions and changelogs, all packages are
// published to a registry of their own, and an empty project installs them from there and pushes a command.
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { publishablePackages, root, run, withTemporaryFolder } from './workspace.mjs';

const readyWithinMs = 60_000;

const pushOneCommand = `
  import { createPusherService } from '@preservarium/publisher';
  import { createMemoryBackend } from '@preservarium/backend-memory';
  const pusher = createPusherService({ backend: createMemoryBackend(), commandTopic: 'device_commands' });
  const command = { deviceId: 'lamp-1', commandType: 'set_led', protocol: 'mqtt', topic: 'lamps/1', payload: { on: true } };
  console.log(JSON.stringify(await pusher.pushCommand(command)));
  await pusher.close({ timeoutMs: 1000 });`;

await withTemporaryFolder(async (folder) => {
  const copy = join(folder, 'repository');
  await copyRepository(copy);
  const packages = await makeVersions(copy);
  await withRegistry(join(folder, 'registry'), async (registry) => {
    await run('pnpm', ['publish', '-r', '--registry', registry, '--no-git-checks'], {
      cwd: copy,
      env: login(registry),
    });
    await pushFromEmptyProject(join(folder, 'project'), packages, registry);
  });
});

/** Copies the files that git tracks or would track, with the builds, to a repository of its own: the working tree stays as it is. */
async function copyRepository(copy) {
  const files = (await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])).split(
    '\0',
  );
  const builds = (await publishablePackages()).map(({ folder }) =>
    join(folder.slice(root.length + 1), 'dist'),
  );
  for (const path of [...files.filter(Boolean), ...builds]) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(root, path), join(copy, path), { recursive: true }).catch(ignoreDeleted);
  }
  const author = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...author, 'commit', '-q', '-m', 'copy'],
  ])
    await run('git', args, { cwd: copy });
  await run('pnpm', ['install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline'], { cwd: copy });
}

function ignoreDeleted(error) {
  if (error.code !== 'ENOENT') throw error;
}

async function makeVersions(copy) {
  await writeFile(
    join(copy, '.changeset', 'rehearsal.md'),
    '---\n"@preservarium/core": patch\n---\n\nA rehearsal.\n',
  );
  await run('pnpm', ['changeset', 'version'], { cwd: copy });
  const packages = await publishablePackages(copy);
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  if (versions.size !== 1)
    throw new Error(`The packages must have one version, not ${[...versions].join(', ')}`);
  for (const { folder, manifest } of packages) {
    const changelog = await readFile(join(folder, 'CHANGELOG.md'), 'utf8');
    if (!changelog.includes(`## ${manifest.version}`))
      throw new Error(`${folder}: no changes of ${manifest.version}`);
  }
  return packages;
}

/** Starts verdaccio on a free port, calls `use` with its address, and ends it whatever happens. */
async function withRegistry(folder, use) {
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

async function waitUntilReady(registry, server) {
  const deadline = Date.now() + readyWithinMs;
  while (!(await fetch(`${registry}-/ping`).catch(() => undefined))?.ok) {
    if (Date.now() > deadline || server.exitCode !== null) throw new Error('The registry did not start.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Clients want a token even where everybody may publish. */
function login(registry) {
  return { [`npm_config_${registry.slice('http:'.length)}:_authToken`]: 'anyone' };
}

async function pushFromEmptyProject(project, packages, registry) {
  await mkdir(project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const published = packages.map(({ name, manifest }) => `${name}@${manifest.version}`);
  const wanted = published.filter((name) => !name.includes('rdkafka'));
  await run('npm', ['install', '--no-audit', '--no-fund', '--registry', registry, ...wanted], {
    cwd: project,
  });
  await writeFile(join(project, 'push.js'), pushOneCommand);
  console.log(
    `${published.join(', ')} pushed a command: ${await run('node', ['push.js'], { cwd: project })}`,
  );
}

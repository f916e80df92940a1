// Runs a command with the Node, pnpm, dependencies and builds of this repository, and first prepares what is missing of them:
//
//   node scripts/bootstrap.mjs [--addon-later] <command> [argument...]
//
// With --addon-later the command starts while node-rdkafka is still being compiled: until then the file that RDKAFKA_COMPILING names is there.
// It needs Node 20 and npm. Stdout belongs to the command; what it prepares is said on stderr, one line for each thing.
// Why the toolchain comes from the npm registry: docs/decisions/0001-toolchain.md.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { wrongIntegrity } from './toolchain-integrity.mjs';

const pinnedNode = '24.21.0';
const slowStepMs = 500;
const { PRIORITY_BELOW_NORMAL, PRIORITY_NORMAL } = constants.priority;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, '.toolchain');
const modules = join(toolchain, 'node_modules');
const compilingMark = join(toolchain, 'compiling');
const parent = process.ppid;
const isWindows = process.platform === 'win32';

const addonLater = process.argv[2] === '--addon-later';
const command = process.argv.slice(addonLater ? 3 : 2);
if (command.length === 0) stop('usage: node scripts/bootstrap.mjs [--addon-later] <command> [argument...]');
mkdirSync(toolchain, { recursive: true });

const hostNode = dirname(dirname(process.execPath));
const useHostNode =
  isSupported(process.versions.node) && existsSync(join(hostNode, 'include', 'node', 'node.h'));
const nodePackage = /^(linux-x64|linux-arm64|win32-x64)$/.test(`${process.platform}-${process.arch}`)
  ? `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  : 'node';
const node = useHostNode ? hostNode : join(modules, nodePackage);
const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;

const env = {
  ...process.env,
  PATH: [join(node, 'bin'), join(modules, '.bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(
    delimiter,
  ),
  // The headers that lie beside this Node, so that node-gyp downloads none.
  npm_config_nodedir: node,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};

const tools = useHostNode ? [pnpm] : [`${nodePackage}@${pinnedNode}`, pnpm];
if (!tools.every(isInstalled)) {
  // From nothing: npm knows no integrity of what it finds installed.
  rmSync(modules, { recursive: true, force: true });
  // Nothing of them runs before it is checked.
  const options = ['--no-audit', '--no-fund', '--prefix', toolchain];
  const what = `installing ${tools.join(' and ')} in .toolchain`;
  await step(what, 'npm', ['install', '--no-save', '--ignore-scripts', ...options, ...tools]);
  const problems = wrongIntegrity(modules);
  if (problems.length > 0) {
    rmSync(modules, { recursive: true });
    stop(
      `${what} failed: the registry does not give what scripts/toolchain-integrity.mjs expects\n${problems.join('\n')}`,
    );
  }
  await step(`setting up ${tools.join(' and ')}`, 'npm', ['rebuild', ...options]);
}
while (isCompilingElsewhere()) await setTimeout(500);
const compiled = addonLoads();
if (!compiled) requireCompilers();
// Where CI is set, pnpm refuses to change the lockfile. The addon is compiled below, beside the build of the packages.
await step('installing the dependencies', 'pnpm', ['install', ...(compiled ? [] : ['--ignore-scripts'])]);
const compiling = compiled || addonLoads() ? undefined : compileAddon();
await step('building the packages', 'turbo', ['run', 'build', '--output-logs=errors-only']);
if (!addonLater) await compiling;
run(command);

/** Compiles node-rdkafka for the Node in use, and ends this process where that fails. */
async function compileAddon() {
  writeFileSync(compilingMark, String(process.pid));
  process.once('exit', () => rmSync(compilingMark, { force: true }));
  const what = 'compiling librdkafka (a minute or two, once)';
  // The build and the command that start meanwhile come first.
  await step(
    what,
    'pnpm',
    ['rebuild', '-r', 'node-rdkafka'],
    addonLater ? PRIORITY_BELOW_NORMAL : PRIORITY_NORMAL,
  );
  rmSync(compilingMark, { force: true });
}

/** Two at once would write the same files. */
function isCompilingElsewhere() {
  if (!existsSync(compilingMark)) return false;
  try {
    return process.kill(Number(readFileSync(compilingMark, 'utf8')), 0);
  } catch {
    return false;
  }
}

function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 22 && minor >= 18) || major === 24;
}

function isInstalled(tool) {
  const [name, version] = tool.split('@');
  const manifest = join(modules, name, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
}

/** Returns true if node-rdkafka is installed and was compiled for the Node in use. */
function addonLoads() {
  const load = `require('./packages/backend-rdkafka/node_modules/node-rdkafka')`;
  return spawnSync('node', ['-e', load], { cwd: root, env }).status === 0;
}

function requireCompilers() {
  const missing = ['g++', 'make', 'python3'].filter(
    (tool) => spawnSync(tool, ['--version'], { env }).status !== 0,
  );
  if (missing.length === 0 || isWindows) return;
  const install = {
    'apt-get': 'sudo apt-get install -y g++ make python3 libssl-dev zlib1g-dev libzstd-dev',
    dnf: 'sudo dnf install -y gcc-c++ make python3 openssl-devel zlib-devel libzstd-devel',
    apk: 'sudo apk add g++ make python3 openssl-dev zlib-dev zstd-dev',
    'xcode-select': 'xcode-select --install',
  };
  const manager = Object.keys(install).find((name) => spawnSync(name, ['--version']).error === undefined);
  stop(
    `${missing.join(', ')} missing: node-rdkafka is compiled here. ${manager ? `Run: ${install[manager]}` : 'Install them.'}`,
  );
}

/** Runs a command in silence; says what it does when that takes longer than a moment, and shows its output when it fails. */
async function step(what, name, args, priority = PRIORITY_NORMAL) {
  const announcement = globalThis.setTimeout(() => console.error(`preparing: ${what}`), slowStepMs);
  const logFile = join(toolchain, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn(name, args, { cwd: root, env, shell: isWindows, stdio: ['ignore', log, log] });
  if (priority !== PRIORITY_NORMAL && child.pid !== undefined) setPriority(child.pid, priority);
  const status = await new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
  clearTimeout(announcement);
  if (status !== 0)
    stop(`${readFileSync(logFile, 'utf8')}\n${what} failed: ${name} ${args.join(' ')} (${status})`);
}

/** Runs the command in this process's place: it has the terminal, the signals, and the last word on the exit code. */
function run([name, ...args]) {
  const child = spawn(name, args, {
    cwd: root,
    env: compiling ? { ...env, RDKAFKA_COMPILING: compilingMark } : env,
    shell: isWindows && name !== 'node',
    stdio: 'inherit',
  });
  // A terminal gives Ctrl-C to the command as well: sent on, it would count as a second one.
  const hasTerminal = [0, 1, 2].some(isatty);
  process.on('SIGINT', () => hasTerminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm gives SIGTERM to a shell between, which dies of it and tells nobody.
  const watch = setInterval(() => {
    if (process.ppid === parent || process.env.npm_lifecycle_event === undefined) return;
    child.kill('SIGTERM');
    clearInterval(watch);
  }, 500);
  process.once('exit', () => child.kill('SIGTERM'));
  child.once('error', (error) => stop(error.message));
  child.once('exit', async (code, signal) => {
    // Half an addon helps nobody.
    await compiling;
    process.exit(code ?? 128 + constants.signals[signal]);
  });
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

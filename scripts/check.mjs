// Everything that must hold beside the tests: npm run check [-- --only NAME]
import { spawnSync } from 'node:child_process';
import { root } from './workspace.mjs';

const steps = {
  format: 'biome ci --colors=off --error-on-warnings',
  types: 'node node_modules/typescript-native/bin/tsc',
  console: 'turbo run typecheck --output-logs=errors-only',
  layers: 'depcruise --config .dependency-cruiser.cjs packages apps benchmarks chaos e2e fuzz',
  siblings: 'node scripts/check-siblings.mjs',
  dependencies: 'sherif --fail-on-warnings',
  unused: 'knip',
  packages: 'node scripts/check-packages.mjs',
  release: 'node scripts/check-release.mjs',
  states: 'node scripts/generate-states.mjs --check',
  contracts: 'node scripts/check-contracts.mjs',
  language: 'node scripts/check-language.mjs',
  docs: 'node site/build.mjs',
};

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(`Checks everything that must hold beside the tests.

Usage: npm run check [-- --only NAME]

  --only NAME  this step alone: ${Object.keys(steps).join(', ')}
  --help       shows this text

The exit code is 1 when a step fails.`);
  process.exit(0);
}

const only = process.argv[2] === '--only' ? process.argv[3] : undefined;
const chosen = Object.entries(steps).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0) throw new Error(`No step is named ${only}. Steps: ${Object.keys(steps).join(', ')}`);

const failed = [];
for (const [name, line] of chosen) {
  const [command, ...args] = line.split(' ');
  const started = Date.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds.padStart(5)} s  ${line}`);
  if (status === 0) continue;
  failed.push(name);
  console.log(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
}
console.log(
  `${chosen.length - failed.length} passed, ${failed.length} failed${failed.map((name) => ` ${name}`).join('')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

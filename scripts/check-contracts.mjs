// Names the changes of docs/openapi.json and docs/asyncapi.json that break callers: npm run check -- --only contracts
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { breakingApiChanges } from './contracts/breaking-api-changes.mjs';
import { breakingTopicChanges } from './contracts/breaking-topic-changes.mjs';
import { root } from './workspace.mjs';

const contracts = [
  ['docs/openapi.json', breakingApiChanges],
  ['docs/asyncapi.json', breakingTopicChanges],
];

const base = process.argv[2] ?? findBase();
if (base === undefined) {
  console.log('there is no commit to compare with');
  process.exit(0);
}
const named = readdirSync(join(root, '.changeset'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(root, '.changeset', name), 'utf8'))
  .join('\n');
const breaks = contracts.flatMap(([path, changesOf]) => {
  const before = show(path);
  if (before === undefined) return [];
  return changesOf(before, JSON.parse(readFileSync(join(root, path), 'utf8'))).map(
    (change) => `${path}: ${change}`,
  );
});
for (const change of breaks) console.log(`${named.includes(change) ? 'named  ' : 'UNNAMED'} ${change}`);
const unnamed = breaks.filter((change) => !named.includes(change));
console.log(
  `${breaks.length} breaking changes since ${base.slice(0, 12)}, ${unnamed.length} of them in no changeset`,
);
if (unnamed.length > 0) {
  console.log('Undo them, or write each of these lines, from its path on, into a changeset.');
  process.exitCode = 1;
}

/** Returns the merge base with the main branch; on it, the commit before. */
function findBase() {
  const head = git('rev-parse', 'HEAD');
  const shared = git('merge-base', 'HEAD', 'origin/main');
  return shared === undefined || shared === head ? git('rev-parse', 'HEAD~1') : shared;
}

function show(path) {
  const text = git('show', `${base}:${path}`);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Returns what Git prints; undefined where it has no such thing. */
function git(...args) {
  try {
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', args, options).trim();
  } catch {
    return undefined;
  }
}

// The layers: which package may import which. Tests may import more: what they run against.

/** The packages that each package imports. A package that is not named may import every package of packages/. */
const layers = {
  core: [],
  concurrency: ['core'],
  backend: ['core', 'concurrency'],
  'backend-kit': ['core', 'concurrency', 'backend'],
  'backend-memory': ['core', 'concurrency', 'backend', 'backend-kit'],
  'backend-kafkajs': ['core', 'concurrency', 'backend', 'backend-kit'],
  'backend-rdkafka': ['core', 'concurrency', 'backend', 'backend-kit'],
  'msk-iam': ['core', 'concurrency', 'backend'],
  environment: ['core', 'backend', 'msk-iam'],
  'state-file': ['core', 'backend'],
  hono: ['core', 'backend'],
  publisher: ['core', 'concurrency', 'backend'],
  capabilities: ['core', 'concurrency', 'backend', 'environment', 'publisher'],
  access: ['core', 'backend', 'environment', 'capabilities'],
  signing: ['core', 'backend', 'environment', 'access'],
  settings: ['core', 'concurrency', 'backend', 'publisher', 'state-file'],
  tracking: ['core', 'concurrency', 'backend', 'publisher'],
  'command-store': ['core', 'concurrency', 'backend', 'publisher', 'dead-letters', 'tracking'],
  'command-store-sqlite': ['core', 'concurrency', 'backend', 'command-store', 'state-file'],
  'command-store-postgres': ['core', 'concurrency', 'backend', 'command-store'],
  'dead-letters': ['core', 'concurrency', 'backend'],
  deliverer: ['core', 'concurrency', 'backend', 'environment'],
  'deliverer-mqtt': ['core', 'concurrency', 'backend', 'deliverer'],
  'deliverer-coap': ['core', 'concurrency', 'backend', 'deliverer'],
  'deliverer-http': ['core', 'concurrency', 'backend', 'deliverer'],
  connector: ['core', 'concurrency', 'backend', 'dead-letters', 'deliverer', 'state-file'],
  telemetry: ['core', 'concurrency', 'backend', 'deliverer', 'connector'],
  conformance: ['core', 'concurrency', 'backend', 'backend-memory', 'deliverer', 'command-store'],
};

/** One rule: files that match `from` import nothing that matches `to`. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const packages = (names) => `^packages/(${names})/`;
const tests = '[.]test[.]ts$|^(packages|apps)/[^/]+/test/';

const layerRules = Object.entries(layers).map(([name, below]) =>
  forbid(
    `layer-${name}`,
    `${name} imports ${below.join(', ') || 'no other package of the repository'} only.`,
    { path: packages(name), pathNot: tests },
    { path: `^(packages/(?!(${[name, ...below].join('|')})/)|apps/|benchmarks/|chaos/|e2e/|fuzz/)` },
  ),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-cycles', 'Files do not import one another in a circle.', {}, { circular: true }),
    forbid('resolvable', 'Every import leads to a file.', {}, { couldNotResolve: true }),
    ...layerRules,
    forbid(
      'siblings-apart',
      'A backend imports no other backend, a deliverer no other deliverer, a command store no other command store; nor do their tests.',
      { path: '^packages/((backend-(?:kafkajs|rdkafka)|deliverer-[^/]+|command-store-[^/]+))/' },
      {
        path: packages('(backend-(?:kafkajs|rdkafka)|deliverer-[^/]+|command-store-[^/]+)'),
        pathNot: '^packages/$1/',
      },
    ),
    forbid(
      'dev-services-in-tests-only',
      'Published packages start no services for tests; the demo does.',
      { path: '^(packages/(?!dev-services/)|apps/(?!demo/))', pathNot: tests },
      { path: packages('dev-services') },
    ),
    forbid(
      'packages-below-programs',
      'Packages import no program, benchmark, chaos or fuzz program and no end-to-end test.',
      { path: '^packages/' },
      { path: '^(apps|benchmarks|chaos|e2e|fuzz)/' },
    ),
    forbid(
      'no-development-dependency',
      'Published packages import no development dependency.',
      { path: '^packages/(?!dev-services/)[^/]+/src/', pathNot: tests },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '(^|/)dist/'] },
    exclude: { path: 'tsup[.]config[.]ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};

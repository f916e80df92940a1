// Who may import whom: core <- publisher <- backend-*, capabilities, tracking, settings; core, publisher <- connector <- deliverer-*.

/** One rule: files that match `from` import nothing that matches `to`. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const packages = (names) => `^packages/(${names})/`;
const tests = '[.]test[.]ts$|^(packages|apps)/[^/]+/test/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-cycles', 'Files do not import one another in a circle.', {}, { circular: true }),
    forbid('resolvable', 'Every import leads to a file.', {}, { couldNotResolve: true }),
    forbid(
      'core-is-the-bottom',
      'core imports no other package of the repository.',
      { path: packages('core') },
      { path: '^(packages/(?!core/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'publisher-on-core',
      'publisher imports core only.',
      { path: packages('publisher') },
      { path: '^(packages/(?!(core|publisher)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'capabilities-on-publisher',
      'capabilities imports core and publisher only.',
      { path: packages('capabilities') },
      { path: '^(packages/(?!(core|publisher|capabilities)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'connector-on-publisher',
      'connector imports core and publisher only.',
      { path: packages('connector') },
      { path: '^(packages/(?!(core|publisher|connector)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'tracking-on-publisher',
      'tracking imports core and publisher only.',
      { path: packages('tracking'), pathNot: tests },
      { path: '^(packages/(?!(core|publisher|tracking)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'telemetry-on-connector',
      'telemetry imports core, publisher and connector only.',
      { path: packages('telemetry'), pathNot: tests },
      { path: '^(packages/(?!(core|publisher|connector|telemetry)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'settings-on-publisher',
      'settings imports core and publisher only.',
      { path: packages('settings'), pathNot: tests },
      { path: '^(packages/(?!(core|publisher|settings)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'command-store-on-tracking',
      'The contract of command stores is on core, publisher and tracking only.',
      { path: packages('command-store'), pathNot: tests },
      { path: '^(packages/(?!(core|publisher|tracking|command-store)/)|apps/|benchmarks/|e2e/)' },
    ),
    forbid(
      'concrete-stores-in-apps-only',
      'Everything but apps, e2e and benchmarks works with any command store.',
      { path: '^packages/(?!command-store-)' },
      { path: packages('command-store-[^/]+') },
    ),
    forbid(
      'siblings-apart',
      'A backend imports no other backend, a deliverer no other deliverer, a command store no other command store.',
      { path: '^packages/((backend|deliverer|command-store)-[^/]+)/' },
      { path: packages('(backend|deliverer|command-store)-[^/]+'), pathNot: '^packages/$1/' },
    ),
    forbid(
      'backends-on-publisher',
      'A backend knows nothing of devices.',
      { path: packages('backend-[^/]+') },
      { path: packages('connector') },
    ),
    forbid(
      'concrete-backends-in-apps-only',
      'Everything but apps, e2e and benchmarks works with any backend.',
      { path: '^packages/(?!backend-)' },
      { path: packages('backend-[^/]+') },
    ),
    forbid(
      'testkit-in-tests-only',
      'What users install does not contain the testkit.',
      { path: '^(packages/(?!testkit/)|apps/(?!demo/))', pathNot: tests },
      { path: packages('testkit') },
    ),
    forbid(
      'packages-below-apps',
      'Packages import no app, benchmark or end-to-end test.',
      { path: '^packages/' },
      { path: '^(apps|benchmarks|e2e)/' },
    ),
    forbid(
      'no-development-dependency',
      'What users install imports nothing that only developers have.',
      { path: '^packages/[^/]+/src/', pathNot: tests },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '(^|/)dist/'] },
    exclude: { path: 'tsup[.]config[.]ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};

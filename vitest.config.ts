import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/vitest-longest-first.ts';

// Tests start programs 500 times: these compile each module once.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

const unitTests = globSync('{packages,apps,benchmarks,chaos,fuzz}/{*/src,src}/**/*.test.ts');
// They stop the clock of their process, and with it what an earlier file left running there.
const testsWithFakeTimers = unitTests.filter((file) => readFileSync(file, 'utf8').includes('useFakeTimers'));
const sharedKafka = './scripts/vitest-kafka.ts';
// These tests freeze and kill brokers and programs of their own. Most of their time is deadlines, so two files run side by side.
const faultTests = [
  '{packages,apps}/*/test/{fault-conformance,partial-outage,kafka-three-brokers,kafka-away,*-faults}.test.ts',
  'e2e/test/{*-faults,error-codes,plain-clients,two-way-burst,benchmark}.test.ts',
];
// These start brokers of their own, several programs, compilers or generators of requests, and take up to a minute each.
const endToEndTests = [
  'packages/backend-*/test/security.test.ts',
  'packages/dev-services/test/kafka*.test.ts',
  'apps/gateway/test/{attacks,event-streams,languages,operations,schemathesis,two-gateways}.test.ts',
  'apps/cli/test/doctor.test.ts',
  'apps/demo/test/demo.test.ts',
];

// `expect.poll` ends as soon as its expectation is met. Where other work shares the cores, the default of 1 s is too short.
const patientPolls = { poll: { timeout: 20_000 } };

// CI shares its machine, which stalls for seconds at times. A test with real services that failed there is run once more; the report marks it
// with "retry x1", and CONTRIBUTING.md says what to do then.
const retry = process.env.CI ? 1 : 0;

// Tests with services wait most of their time, and those without compute meanwhile.
const everyday = {
  maxWorkers: 5,
  expect: patientPolls,
  // On two cores, vitest would run the order 0 with its own choice of workers last, one file at a time.
  sequence: { groupOrder: 1 },
};
// Properties run many times, and other work may share the cores.
const unit = { ...everyday, testTimeout: 60_000 };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          ...unit,
          include: unitTests,
          exclude: testsWithFakeTimers,
          // Files that follow each other in a process share the modules they load, which takes a third of the CPU time otherwise.
          isolate: false,
        },
      },
      {
        test: { name: 'unit-clock', ...unit, include: testsWithFakeTimers },
      },
      {
        test: {
          name: 'integration',
          include: ['{packages,apps}/*/test/**/*.test.ts'],
          exclude: [...faultTests, ...endToEndTests],
          globalSetup: sharedKafka,
          retry,
          ...everyday,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/test/**/*.test.ts', ...endToEndTests],
          exclude: faultTests,
          globalSetup: sharedKafka,
          retry,
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          expect: patientPolls,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'faults',
          include: faultTests,
          globalSetup: sharedKafka,
          retry,
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          expect: patientPolls,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

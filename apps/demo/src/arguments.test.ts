import { expect, test } from 'vitest';
import { readArguments } from './arguments.js';

test.each([
  [[], { kind: 'run', backends: ['kafkajs', 'rdkafka'], keep: false }],
  [['--backend', 'rdkafka', '--keep'], { kind: 'run', backends: ['rdkafka'], keep: true }],
  [['--help'], { kind: 'help' }],
  [['--backend', 'kafka'], { kind: 'mistake', message: '--backend: "kafka" is not one of kafkajs, rdkafka' }],
  [['--stay'], { kind: 'mistake', message: expect.stringContaining("Unknown option '--stay'") }],
])('%j', (argv, expected) => {
  expect(readArguments(argv)).toEqual(expected);
});

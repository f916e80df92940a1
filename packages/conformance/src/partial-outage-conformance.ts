import { fencedProducerTests } from './fault/fenced-producer.js';
import { frozenBrokerTests } from './fault/frozen-broker.js';
import { leaderlessPartitionTests } from './fault/leaderless-partition.js';
import type { PartialOutageSuite } from './fault/partial-outage-suite.js';
import { refusedTopicTests } from './fault/refused-topic.js';
import { rollingRestartTests } from './fault/rolling-restart.js';
import { throttledBrokerTests } from './fault/throttled-broker.js';
import { longerTimeout } from './longer-timeout.js';

export type { PartialOutageSuite } from './fault/partial-outage-suite.js';

/** Defines tests of what a backend does while one of three real brokers is killed, frozen, restarted or throttles the client. */
export function partialOutageConformance(suite: PartialOutageSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 300_000) };
  leaderlessPartitionTests(patient);
  frozenBrokerTests(patient);
  rollingRestartTests(patient);
  fencedProducerTests(patient);
  refusedTopicTests(patient);
  throttledBrokerTests(patient);
}

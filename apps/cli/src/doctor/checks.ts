import { checkClocks, checkSignatures } from './check-commands.js';
import { checkGroups } from './check-groups.js';
import { checkKafkaAccess } from './check-kafka-access.js';
import { checkTopics } from './check-topics.js';
import { checkVersions } from './check-versions.js';
import type { Deployment } from './deployment.js';
import type { Finding } from './finding.js';

/** The checks of Kafka in their order. */
export const checks: Readonly<Record<string, (deployment: Deployment) => readonly Finding[]>> = {
  topics: checkTopics,
  connectors: checkGroups,
  access: checkKafkaAccess,
  signatures: checkSignatures,
  clocks: checkClocks,
  versions: checkVersions,
};

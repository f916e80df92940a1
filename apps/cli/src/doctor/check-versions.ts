import type { Deployment } from './deployment.js';
import { type Finding, warn } from './finding.js';

/** Kafka 3.0: the first version that is tested. */
const oldest = '3.0';

/** Checks the version of Kafka, as far as the brokers say it: from 4.0 on they do not. */
export function checkVersions({ cluster }: Deployment): readonly Finding[] {
  const version = cluster.brokerConfig?.['inter.broker.protocol.version'];
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (version === undefined || major === '' || Number(major) >= 3) return [];
  return [
    warn({
      subject: 'brokers',
      what: `inter.broker.protocol.version is ${major}.${minor}`,
      why: `versions before ${oldest} are not tested`,
      run: 'upgrade Kafka, then raise inter.broker.protocol.version',
    }),
  ];
}

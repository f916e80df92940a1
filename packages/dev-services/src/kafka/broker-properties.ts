import type { ServerCertificate } from './certificates.js';
import { passwords } from './credentials.js';
import type { StartKafkaOptions } from './kafka-cluster.js';

export interface BrokerPorts {
  readonly client: number;
  readonly internal: number;
  readonly controller: number;
}

export interface BrokerPropertiesOptions {
  readonly nodeId: number;
  /** Ports of all brokers; the first is node 1. */
  readonly ports: readonly BrokerPorts[];
  readonly autoCreateTopics: boolean;
  /** Of a `sasl-ssl` cluster. */
  readonly certificate: ServerCertificate | undefined;
  readonly mskIam: StartKafkaOptions['mskIam'];
}

export type BrokerProperties = Readonly<Record<string, string | number | boolean>>;

/** Returns the `server.properties` of a broker that is also a controller (KRaft combined mode). */
export function brokerProperties(options: BrokerPropertiesOptions): BrokerProperties {
  const { nodeId, ports, certificate, mskIam } = options;
  const own = ports[nodeId - 1];
  if (own === undefined) throw new RangeError(`no ports for node ${nodeId}`);
  const replicas = Math.min(ports.length, 3);
  const insyncReplicas = Math.min(replicas, 2);
  return {
    'node.id': nodeId,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': ports
      .map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`)
      .join(','),
    listeners: `CLIENT://${certificate ? '0.0.0.0' : '127.0.0.1'}:${own.client},INTERNAL://127.0.0.1:${own.internal},CONTROLLER://127.0.0.1:${own.controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${own.client},INTERNAL://127.0.0.1:${own.internal}`,
    'listener.security.protocol.map': `CLIENT:${certificate ? 'SASL_SSL' : 'PLAINTEXT'},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'auto.create.topics.enable': options.autoCreateTopics,
    'default.replication.factor': replicas,
    'min.insync.replicas': insyncReplicas,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': insyncReplicas,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': insyncReplicas,
    // Tests join groups by the hundred and let members die: neither should take the seconds that production wants.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // A killed broker may register again only when its old session has ended.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3000,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    ...(certificate && securityProperties(certificate)),
    ...(mskIam && mskIamProperties(mskIam)),
  };
}

export function propertiesText(properties: BrokerProperties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function securityProperties(certificate: ServerCertificate): BrokerProperties {
  const loginModule = 'org.apache.kafka.common.security';
  const scram = `${loginModule}.scram.ScramLoginModule required;`;
  const users = Object.entries(passwords).map(([name, password]) => `user_${name}="${password}"`);
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': onOneLine(certificate.cert),
    'ssl.keystore.key': onOneLine(certificate.key),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.client.plain.sasl.jaas.config': `${loginModule}.plain.PlainLoginModule required ${users.join(' ')};`,
    'listener.name.client.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.client.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.client.oauthbearer.sasl.jaas.config': `${loginModule}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin";`,
    'listener.name.client.oauthbearer.sasl.server.callback.handler.class': `${loginModule}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
    // A connection ends with its token, unless the client shows a new one.
    'listener.name.client.oauthbearer.connections.max.reauth.ms': 3_600_000,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    // The brokers talk among themselves over their plaintext listeners, where everybody is ANONYMOUS.
    'super.users': 'User:admin;User:ANONYMOUS',
  };
}

function mskIamProperties({
  accessKey,
  secretKey,
}: NonNullable<StartKafkaOptions['mskIam']>): BrokerProperties {
  const listener = 'listener.name.client.oauthbearer.sasl';
  const module = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule';
  return {
    [`${listener}.jaas.config`]: `${module} required awsAccessKey="${accessKey}" awsSecretKey="${secretKey}";`,
    [`${listener}.server.callback.handler.class`]: 'MskIamValidator',
    // Nobody logs in here, and the default handler refuses options that it does not know.
    [`${listener}.login.callback.handler.class`]: 'MskIamValidator',
  };
}

/** Returns a PEM text as a value of properties. */
export function onOneLine(pem: string): string {
  return pem.trim().replace(/\r?\n/g, '\\n');
}

import { isIP } from 'node:net';
import type { Deployment } from './deployment.js';
import { type Finding, fail, warn } from './finding.js';

/** Checks TLS, authentication and permissions of the brokers. */
export function checkKafkaAccess(deployment: Deployment): readonly Finding[] {
  return [...checkConnection(deployment), ...checkWriters(deployment), ...checkAutoCreation(deployment)];
}

function checkConnection({ kafka, cluster }: Deployment): readonly Finding[] {
  const remote = cluster.brokers.filter(({ host }) => !isLoopback(host));
  if (remote.length === 0) return [];
  const places = remote.map(({ host, port }) => `${host}:${port}`).join(', ');
  const hasTls = kafka.tls !== undefined && kafka.tls !== false;
  const { cert } =
    typeof kafka.tls === 'function' ? kafka.tls() : typeof kafka.tls === 'object' ? kafka.tls : {};
  return [
    ...(kafka.sasl === undefined && cert === undefined
      ? [
          fail({
            subject: `brokers ${places}`,
            what: 'they take clients without authentication, and are not on loopback',
            why: 'each client of the network can command each device',
            run: 'give the listener SASL or client certificates (listeners, listener.security.protocol.map in server.properties); then KAFKA_SASL_MECHANISM or KAFKA_SSL_CERT_FILE',
          }),
        ]
      : []),
    ...(hasTls
      ? []
      : [
          fail({
            subject: `brokers ${places}`,
            what: 'they are reached without TLS, and are not on loopback',
            why: 'the network can read commands and passwords, and change them',
            run: 'give the listener TLS (SSL or SASL_SSL in server.properties); then KAFKA_SSL_CA_FILE',
          }),
        ]),
  ];
}

function checkWriters({ kafka, cluster: { writers, brokers } }: Deployment): readonly Finding[] {
  const isLocal = brokers.every(({ host }) => isLoopback(host));
  if (writers === undefined) {
    return [
      warn({
        subject: 'permissions',
        what: 'this user may not read the access control lists',
        why: 'who may write the topics is not known',
        run: `kafka-acls.sh --bootstrap-server ${kafka.brokers[0]} --add --allow-principal User:… --operation Describe --cluster`,
      }),
    ];
  }
  if (writers === 'everybody') {
    const finding = {
      subject: 'permissions',
      what: 'the brokers have no authorizer',
      why: 'each client that reaches them can write each topic: commands, events and the ledgers of connectors',
      run: 'set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer in server.properties; then kafka-acls.sh',
    };
    return [isLocal ? warn(finding) : fail(finding)];
  }
  return writers
    .filter(({ principal }) => principal === 'User:*' || principal === 'User:ANONYMOUS')
    .map(({ principal, topic }) =>
      fail({
        subject: `topic ${topic}`,
        what: `${principal} may write it`,
        why:
          topic === kafka.commandTopic
            ? 'each client can command each device'
            : 'each client can forge what it says',
        run: `kafka-acls.sh --bootstrap-server ${kafka.brokers[0]} --remove --allow-principal ${principal} --operation All --operation Write --topic ${topic}`,
      }),
    );
}

function checkAutoCreation({ cluster: { brokerConfig } }: Deployment): readonly Finding[] {
  if (brokerConfig?.['auto.create.topics.enable'] !== 'true') return [];
  return [
    warn({
      subject: 'brokers',
      what: 'auto.create.topics.enable is true',
      why: 'a mistyped topic becomes a new one with defaults, and its commands reach nobody',
      run: 'auto.create.topics.enable=false in server.properties',
    }),
  ];
}

export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  if (isIP(address) === 4) return address.startsWith('127.');
  return address === '::1' || address === 'localhost' || address.endsWith('.localhost');
}

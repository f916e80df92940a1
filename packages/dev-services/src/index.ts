export { startAedes } from './aedes/start-aedes.js';
export {
  type AiocoapAnswer,
  type AiocoapClient,
  type AiocoapRequest,
  startAiocoapClient,
} from './aiocoap/start-aiocoap-client.js';
export {
  type AiocoapReceived,
  type AiocoapServer,
  startAiocoapServer,
} from './aiocoap/start-aiocoap-server.js';
export { freeTcpPort } from './free-tcp-port.js';
export { freeUdpPort } from './free-udp-port.js';
export { assignmentsOf } from './kafka/assignments-of.js';
export { makeClientCertificate } from './kafka/certificates.js';
export { changePassword, type NewPassword } from './kafka/change-password.js';
export { configureTopic } from './kafka/configure-topic.js';
export { type CreateTestTopicOptions, createTestTopic } from './kafka/create-test-topic.js';
export { createTopic } from './kafka/create-topic.js';
export type { KafkaCredentials, UserCredentials } from './kafka/credentials.js';
export { unsecuredToken } from './kafka/credentials.js';
export { deleteRecords } from './kafka/delete-records.js';
export { fenceProducers } from './kafka/fence-producers.js';
export { findJava } from './kafka/find-java.js';
export { type Access, type AccessOperation, grantAccess } from './kafka/grant-access.js';
export { type JavaConsumer, startJavaConsumer } from './kafka/java-consumer.js';
export type { KafkaCluster, KafkaKind, StartKafkaOptions } from './kafka/kafka-cluster.js';
export { kafkaHarness } from './kafka/kafka-harness.js';
export { kafkaJars } from './kafka/kafka-jars.js';
export { leadersOf } from './kafka/leaders-of.js';
export { limitProducers } from './kafka/limit-producers.js';
export { type MavenJars, mavenJars } from './kafka/maven-jars.js';
export { readTopic } from './kafka/read-topic.js';
export { scanTopic } from './kafka/scan-topic.js';
export { type SecuritySuite, securityConformance } from './kafka/security-conformance.js';
export { type Ipv6Address, serveOnIpv6 } from './kafka/serve-on-ipv6.js';
export { startKafka } from './kafka/start-kafka.js';
export { startTokenServer, type TokenServer, type TokenServerOptions } from './kafka/token-server.js';
export { writeTopic, writeTransaction } from './kafka/write-topic.js';
export type { LibcoapMessage } from './libcoap/libcoap-message.js';
export type { LibcoapRequest } from './libcoap/libcoap-request.js';
export { type LibcoapObservation, observeWithLibcoap } from './libcoap/observe-with-libcoap.js';
export { type LibcoapAnswer, requestWithLibcoap } from './libcoap/request-with-libcoap.js';
export { type LibcoapServer, startLibcoapServer } from './libcoap/start-libcoap-server.js';
export type { Mosquitto, StartMosquittoOptions } from './mosquitto/mosquitto.js';
export type { MosquittoClientOptions } from './mosquitto/mosquitto-client.js';
export { type MosquittoMessage, publishWithMosquitto } from './mosquitto/publish-with-mosquitto.js';
export { startMosquitto } from './mosquitto/start-mosquitto.js';
export {
  type MosquittoReceived,
  type MosquittoSubscriber,
  type MosquittoSubscription,
  subscribeWithMosquitto,
} from './mosquitto/subscribe-with-mosquitto.js';
export { runStatement } from './postgres/database-maker.js';
export type { Postgres, StartPostgresOptions } from './postgres/postgres.js';
export { startPostgres } from './postgres/start-postgres.js';
export { pythonWith } from './python/python-with.js';
export { rdkafkaIsCompiling, untilRdkafkaCompiled } from './until-rdkafka-compiled.js';

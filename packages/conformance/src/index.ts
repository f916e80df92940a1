export { type AuditedPush, type AuditedRecord, auditPushes, type PushAudit } from './audit-pushes.js';
export { type CodecSuite, codecConformance } from './codec-conformance.js';
export { commandStoreConformance } from './command-store-conformance.js';
export type { CommandStoreHarness, CommandStoreSuite } from './command-store-harness.js';
export { delivererConformance } from './deliverer-conformance.js';
export type {
  ConformanceDevice,
  DelivererHarness,
  DelivererSuite,
  DelivererSupports,
  DelivererUnderTest,
  DeviceBehaviour,
  ReceivedCommand,
} from './deliverer-harness.js';
export type { FaultAudit, FaultSuite } from './fault/fault-suite.js';
export type { ConformanceHarness, ConformanceSuite, ConformanceTest, FaultyCluster } from './harness.js';
export { longerTimeout } from './longer-timeout.js';
export { memoryHarness } from './memory-harness.js';
export { type PartialOutageSuite, partialOutageConformance } from './partial-outage-conformance.js';
export { publisherConformance } from './publisher-conformance.js';
export { publisherFaultConformance } from './publisher-fault-conformance.js';
export { type RequestKeysSuite, requestKeysConformance } from './request-keys-conformance.js';
export {
  type SqlCommandStoreHarness,
  type SqlCommandStoreSuite,
  sqlCommandStoreConformance,
} from './sql-command-store-conformance.js';
export { subscriberConformance } from './subscriber-conformance.js';
export { subscriberFaultConformance } from './subscriber-fault-conformance.js';
export { within } from './within.js';
export type { WrittenRecord } from './written-record.js';

export { createMemoryBackend, type MemoryBackend, type MemoryBackendSettings } from './memory-backend.js';
export { createMemoryBroker, type MemoryBroker, type MemoryBrokerSettings } from './memory-broker.js';
export type { MemoryGroup, MemoryGroupMember } from './memory-group.js';
export type { MemoryRecord, MemoryTopic } from './memory-topic.js';

export { createMemoryBackend, type MemoryBackend, type MemoryBackendOptions } from './memory-backend.js';
export { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from './memory-broker.js';
export type { MemoryGroup, MemoryGroupMember } from './memory-group.js';
export type { MemoryRecord, MemoryTopic } from './memory-topic.js';

export { asUnanswered } from './as-unanswered.js';
export { type Batcher, type BatcherOptions, createBatcher } from './batcher.js';
export { partitionId } from './partition-id.js';

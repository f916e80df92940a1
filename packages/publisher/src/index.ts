export type { CapabilityCheck } from './capability-check.js';
export { createPusherService } from './create-pusher-service.js';
export type {
  CommandOutcome,
  PusherService,
  PusherServiceOptions,
  PushLimits,
  PushOptions,
  PushReceipt,
} from './pusher-service.js';

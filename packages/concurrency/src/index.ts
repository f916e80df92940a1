export { createDeadlines, type Deadline } from './deadlines.js';
export { createFeed, type Feed, type FeedOptions, type FeedReader } from './feed.js';
export { createFirstOf, type FirstOf } from './first-of.js';
export { createKeyedSet, type KeyedSet } from './keyed-set.js';
export { onAbort } from './on-abort.js';
export { createQueue, type Queue } from './queue.js';
export { createSemaphore, type Semaphore } from './semaphore.js';
export { startTimeLimit, type TimeLimit } from './time-limit.js';
export { type DeadlineOptions, settledWithin, timerDelay, withDeadline } from './with-deadline.js';

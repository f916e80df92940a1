import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;

function scheduleWhileSomethingWaits(this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
}

/**
 * Keeps kafkajs from looking at its empty queues of requests every millisecond, with a negative timeout of which newer
 * versions of Node warn (tulios/kafkajs#1751).
 */
export function quietRequestQueues(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhileSomethingWaits;
}

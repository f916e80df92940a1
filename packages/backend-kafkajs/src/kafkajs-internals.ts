/// <reference path="../types/kafkajs-request-queue.d.ts" />
// Everything of kafkajs that this package uses and that kafkajs does not document.
import type { Cluster } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** The version of kafkajs for which this file was proven; a test fails for any other. */
export const provenVersion = '2.2.4';

let idleTimerStopped = false;

/**
 * Stops the timer of idle connections, once for the process.
 *
 * After each response kafkajs schedules a check of its queue of delayed requests `throttledUntil - now` ahead, also
 * when nothing is delayed. `throttledUntil` is -1 then, the delay is negative, Node makes it 1 ms, and every connection
 * wakes up a thousand times a second; Node 24 prints a TimeoutNegativeWarning too. There is nothing to check
 * unless a request is queued or the broker asked for a pause, so only then the timer is set.
 */
export function stopIdleTimer(): void {
  if (idleTimerStopped) return;
  idleTimerStopped = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

/**
 * Makes a consumer wait for `beforeJoin` each time before it joins its group.
 *
 * kafkajs joins again as soon as it hears of a rebalance, and reports it in an event that cannot delay the join. Before
 * each join it asks the cluster for the group's coordinator, through the object that it passes to assigners: that question waits
 * here. The brokers still take commits of the old generation then.
 */
export function delayJoins(cluster: Cluster, beforeJoin: () => Promise<void>): void {
  const findGroupCoordinator = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    await beforeJoin();
    return findGroupCoordinator(group);
  };
}

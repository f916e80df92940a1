import type { Route } from '../contestant.js';

/** Begins to deliver, and resolves with how to end that in order. */
export type Way = (route: Route) => Promise<() => Promise<void>>;

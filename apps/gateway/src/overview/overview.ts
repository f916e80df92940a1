import type { CommandStore, StateCounts } from '@preservarium/command-store';
import type { CommandState } from '@preservarium/core';
import type { ConnectorLag } from './connector-group.js';
import { type DeliveryLatency, deliveryLatency } from './delivery-latency.js';

/** The commands at a glance. */
export interface Overview {
  readonly at: Date;
  /** Commands in each state. */
  readonly states: StateCounts;
  /** Commands that came into the state in which they are within the last minute. */
  readonly lastMinute: StateCounts;
  /** Of the last 500 commands at most that arrived within five minutes. */
  readonly latency: DeliveryLatency | undefined;
  readonly connectors: readonly (ConnectorLag & {
    /** Commands that wait for their devices. */
    readonly waiting: number;
  })[];
}

export interface OverviewOptions {
  readonly store: Pick<CommandStore, 'countByState' | 'list'>;
  /** Returns how far the connectors of each protocol are behind. */
  connectorLags(): Promise<readonly ConnectorLag[]>;
}

const minuteMs = 60_000;
const measuredMs = 5 * minuteMs;
const measuredCount = 500;
const arrived: readonly CommandState[] = ['delivered', 'succeeded', 'failed', 'rejected'];

/** Returns a function that looks at the commands, at most once a second for however many callers. */
export function createOverview(options: OverviewOptions): () => Promise<Overview> {
  let last: { readonly startedAtMs: number; readonly result: Promise<Overview> } | undefined;
  return () => {
    const nowMs = performance.now();
    if (last === undefined || nowMs - last.startedAtMs >= 1_000) {
      last = { startedAtMs: nowMs, result: look(options) };
    }
    return last.result;
  };
}

async function look({ store, connectorLags }: OverviewOptions): Promise<Overview> {
  const at = new Date();
  const since = (ms: number) => new Date(at.getTime() - ms);
  const [states, lastMinute, recent, lags] = await Promise.all([
    store.countByState(),
    store.countByState({ since: since(minuteMs) }),
    store.list({ states: arrived, since: since(measuredMs), limit: measuredCount }),
    connectorLags(),
  ]);
  const connectors = await Promise.all(
    lags.map(async (lag) => {
      const { waiting = 0 } = await store.countByState({ protocol: lag.protocol, states: ['waiting'] });
      return { ...lag, waiting };
    }),
  );
  return { at, states, lastMinute, latency: deliveryLatency(recent.lifecycles), connectors };
}

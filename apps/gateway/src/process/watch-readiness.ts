import type { CommandStore, CommandStoreFeed } from '@preservarium/command-store';
import { settledWithin } from '@preservarium/concurrency';

/** A store that answers later is not ready. */
const storeTimeoutMs = 2_000;
const neverStandsStillMs = Number.MAX_SAFE_INTEGER;

/** The conditions under which the gateway can answer requests. */
export type Readiness = () => Promise<Readonly<Record<'kafka' | 'store' | 'feed', boolean>>>;

/**
 * Returns the conditions of `/readyz`: Kafka answers, the store answers, and the store has once had all that was in the topics when the gateway
 * began.
 */
export function watchReadiness({
  store,
  feed,
  topic,
}: {
  readonly store: Pick<CommandStore, 'progress'>;
  readonly feed: Pick<CommandStoreFeed, 'isConnected' | 'untilCaughtUp'>;
  readonly topic: string;
}): Readiness {
  let hasCaughtUp = false;
  feed.untilCaughtUp({ timeoutMs: neverStandsStillMs }).then(
    () => {
      hasCaughtUp = true;
    },
    // The feed has ended, and the gateway with it.
    () => {},
  );
  let asking: Promise<boolean> | undefined;

  /** However often it is asked, a store that does not answer has one call to answer. */
  function askStore(): Promise<boolean> {
    asking ??= store
      .progress(topic)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }

  return async () => {
    const answer = askStore();
    const store = (await settledWithin(answer, storeTimeoutMs)) && (await answer);
    return { kafka: feed.isConnected(), store, feed: hasCaughtUp };
  };
}

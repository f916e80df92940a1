import type { PublisherBackend, PublishOutcome, PublishRecord } from '@preservarium/backend';
import { errorType, messaging } from './attributes.js';
import { getMeter, secondsBoundaries, secondsSince } from './instrumentation.js';

type Publish = PublisherBackend['publish'];

/** Records by topic, and by the code of what went wrong; `undefined` where nothing did. */
type Counts = Map<string, Map<string | undefined, number>>;

/** Counts the records that are published and measures each call, by topic. */
export function meteredPublish(publish: Publish): Publish {
  const sent = getMeter().createCounter('messaging.client.sent.messages', {
    description: 'Records that were to be written to Kafka.',
    unit: '{message}',
  });
  const duration = getMeter().createHistogram('messaging.client.operation.duration', {
    description: 'How long Kafka took to acknowledge the records of a call.',
    unit: 's',
    advice: { explicitBucketBoundaries: secondsBoundaries },
  });
  return async (records, options) => {
    const startedMs = performance.now();
    const outcomes = await publish(records, options);
    const seconds = secondsSince(startedMs);
    for (const [topic, byCode] of count(records, outcomes)) {
      const attributes = {
        [messaging.system]: 'kafka',
        [messaging.operation]: 'send',
        [messaging.operationType]: 'send',
        [messaging.destination]: topic,
      };
      for (const [code, records] of byCode) sent.add(records, withError(attributes, code));
      const failure = [...byCode.keys()].find((code) => code !== undefined);
      duration.record(seconds, withError(attributes, failure));
    }
    return outcomes;
  };
}

function count(records: readonly PublishRecord[], outcomes: readonly PublishOutcome[]): Counts {
  const counts: Counts = new Map();
  for (const [position, { topic }] of records.entries()) {
    const byCode = counts.get(topic) ?? new Map<string | undefined, number>();
    counts.set(topic, byCode);
    const outcome = outcomes[position];
    const code = outcome?.ok === false ? outcome.error.code : undefined;
    byCode.set(code, (byCode.get(code) ?? 0) + 1);
  }
  return counts;
}

function withError(attributes: Readonly<Record<string, string>>, code: string | undefined) {
  return code === undefined ? attributes : { ...attributes, [errorType]: code };
}

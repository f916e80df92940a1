import type { PublisherBackend, PublishOutcome, PublishRecord, WaitOptions } from '@preservarium/backend';

/** A call of `publish` that waits for the test to answer it. */
interface PublishCall {
  readonly records: readonly PublishRecord[];
  readonly options: WaitOptions;
  /** Default: all acknowledged. */
  answer(outcomes?: readonly PublishOutcome[]): void;
}

export interface ScriptedBackend extends PublisherBackend {
  /** All calls of `publish`, the first one first. */
  readonly calls: readonly PublishCall[];
  /** Resolves when `publish` has been called this many times. */
  called(times: number): Promise<readonly PublishCall[]>;
  readonly connections: readonly WaitOptions[];
  readonly closings: readonly { readonly timeoutMs: number }[];
}

/** A backend that does nothing by itself: the test sees each call and answers it when it likes. */
export function createScriptedBackend(): ScriptedBackend {
  const calls: PublishCall[] = [];
  const connections: WaitOptions[] = [];
  const closings: { readonly timeoutMs: number }[] = [];
  let onCall = () => {};
  return {
    name: 'scripted',
    supports: { offsets: false, headers: 'text', codecs: [] },
    calls,
    connections,
    closings,
    called: (times) =>
      new Promise((resolve) => {
        onCall = () => {
          if (calls.length >= times) resolve(calls);
        };
        onCall();
      }),
    publish: (records, options) =>
      new Promise((resolve) => {
        const acknowledged = records.map(({ topic }): PublishOutcome => ({ ok: true, receipt: { topic } }));
        calls.push({ records, options, answer: (outcomes = acknowledged) => resolve(outcomes) });
        onCall();
      }),
    async connect(options) {
      connections.push(options);
    },
    async close(options) {
      closings.push(options);
    },
  };
}

/** The part of kafkajs' request queue that `kafkajs-internals.ts` corrects; kafkajs publishes no types for it. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
}

/** The part of kafkajs' reading of metadata that `kafkajs-internals.ts` corrects. */
declare module 'kafkajs/src/protocol/requests/metadata/v6/response.js' {
  export interface Metadata {
    readonly topicMetadata: readonly { readonly partitionMetadata: { partitionErrorCode: number }[] }[];
  }
  const response: { parse(metadata: Metadata): Promise<Metadata> };
  export default response;
}

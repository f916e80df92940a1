/** The part of kafkajs' request queue that `kafkajs-internals.ts` corrects; kafkajs publishes no types for it. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
}

/** The part of kafkajs' cluster in which `kafkajs-internals.ts` asks for coordinators. */
declare module 'kafkajs/src/cluster/index.js' {
  interface CoordinatorOf {
    readonly groupId: string;
  }
  export default class Cluster {
    readonly brokerPool: {
      findConnectedBroker(): Promise<{ findGroupCoordinator(of: CoordinatorOf): Promise<unknown> }>;
    };
    findGroupCoordinatorMetadata(of: CoordinatorOf): Promise<unknown>;
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

/** The parts of kafkajs with which `kafkajs-fetch-response.ts` reads a response. */
declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(buffer: Buffer);
    readonly buffer: Buffer;
    readonly offset: number;
    canReadBytes(length: number): boolean;
    readBytes(length: number): Buffer;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string;
    readArray<Item>(read: (decoder: this) => Item): Item[];
    readArrayAsync<Item>(read: (decoder: this) => Promise<Item>): Promise<Item[]>;
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  export default function decodeBatch(
    decoder: Decoder,
  ): Promise<{ readonly records: readonly { readonly offset: string }[] }>;
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  const response: { decode(raw: Buffer): Promise<unknown> };
  export default response;
}

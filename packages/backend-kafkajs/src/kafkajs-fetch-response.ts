/// <reference path="../types/kafkajs-internals.d.ts" />
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import response from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { codecNames } from './kafkajs-codecs.js';

/** Where the records of a partition begin that kafkajs cannot decompress. */
export interface Unreadable {
  readonly offset: number;
  readonly codec: string;
}

/** The bytes of a batch of records before its records, and where its attributes are: https://kafka.apache.org/documentation/#recordbatch */
const batchHeaderBytes = 49;
const attributesAt = 21;
const codecMask = 0x07;

let isPatched = false;

/**
 * Makes kafkajs read what it can of a response, once for the process. One batch with a codec that it lacks would make it take nothing of any
 * partition of the broker.
 */
export function readAroundUnreadableBatches(): void {
  if (isPatched) return;
  isPatched = true;
  const { decode } = response;
  response.decode = async (raw) => {
    try {
      return await decode(raw);
    } catch (error) {
      if (!isCodecMissing(error)) throw error;
      return decodeReadable(new Decoder(raw));
    }
  };
}

/** As kafkajs does, but for the records: https://kafka.apache.org/protocol#The_Messages_Fetch, version 11. */
async function decodeReadable(decoder: Decoder) {
  return {
    throttleTime: 0,
    clientSideThrottleTime: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    sessionId: decoder.readInt32(),
    responses: await decoder.readArrayAsync(async (topic) => ({
      topicName: topic.readString(),
      partitions: await topic.readArrayAsync(decodePartition),
    })),
  };
}

async function decodePartition(decoder: Decoder) {
  return {
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
    abortedTransactions: decoder.readArray((aborted) => ({
      producerId: aborted.readInt64().toString(),
      firstOffset: aborted.readInt64().toString(),
    })),
    preferredReadReplica: decoder.readInt32(),
    ...(await decodeRecords(decoder)),
  };
}

async function decodeRecords(decoder: Decoder): Promise<{ messages: unknown[]; unreadable?: Unreadable }> {
  const sizeBytes = decoder.readInt32();
  const messages: unknown[] = [];
  if (sizeBytes <= 0 || !decoder.canReadBytes(sizeBytes)) return { messages };
  const batches = new Decoder(decoder.readBytes(sizeBytes));
  while (batches.canReadBytes(batchHeaderBytes)) {
    const header = batches.buffer.subarray(batches.offset);
    try {
      messages.push(...(await decodeBatch(batches)).records);
    } catch (error) {
      if (isCodecMissing(error)) return { messages, unreadable: describeBatch(header) };
      // The last batch may be cut off.
      if ((error as Error).name === 'KafkaJSPartialMessageError') break;
      throw error;
    }
  }
  return { messages };
}

function describeBatch(header: Buffer): Unreadable {
  const codec = header.readInt16BE(attributesAt) & codecMask;
  return { offset: Number(header.readBigInt64BE(0)), codec: codecNames[codec] ?? `codec ${codec}` };
}

function isCodecMissing(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSNotImplemented';
}

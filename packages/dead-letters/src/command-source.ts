/** Where a command was first read. Its offset is its place among the commands of its device. */
export interface CommandSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Names a command by where it was first read. */
export function sourceId({ topic, partition, offset }: CommandSource): string {
  return `${topic}-${partition}-${offset}`;
}

/** The headers that carry a source; {@link readSource} reads them. */
export function sourceHeaders({ topic, partition, offset }: CommandSource) {
  return {
    'source-topic': topic,
    'source-partition': String(partition),
    'source-offset': String(offset),
  };
}

/** The source in the headers of a record; `undefined` where a part is missing or is not an integer. */
export function readSource(headers: Readonly<Record<string, string>>): CommandSource | undefined {
  const topic = headers['source-topic'];
  const partition = Number(headers['source-partition'] ?? Number.NaN);
  const offset = Number(headers['source-offset'] ?? Number.NaN);
  if (topic === undefined || !Number.isSafeInteger(partition) || !Number.isSafeInteger(offset))
    return undefined;
  return { topic, partition, offset };
}

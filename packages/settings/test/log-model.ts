import { type AcceptedSettings, isAccepted, noVersion } from '../src/is-accepted.js';

/** A record of the one device that the model has; its document is the names of the updates that are in it. */
interface ModelRecord {
  readonly offset: number;
  readonly baseVersion: number | undefined;
  readonly updates: readonly string[];
  /** The update that it is to bring; none where it only writes again what is there. */
  readonly update: string | undefined;
}

/** The state of a reader after the records that it has seen. */
interface View {
  current: ModelRecord | undefined;
  endsVoid: boolean;
}

interface Reader {
  readonly view: View;
  nextOffset: number;
  /** Made from the view of that moment, and on its way to the log. */
  writing: Omit<ModelRecord, 'offset'> | undefined;
  /** In the log, and not judged by its writer yet. */
  waitingFor: number | undefined;
}

/** Kafka's log of one device with compaction, and processes that read and write it, each at its own pace. */
export function createLogModel() {
  const everything: ModelRecord[] = [];
  let log: ModelRecord[] = [];
  /** Below this offset, every compacted record was followed by one that counts. */
  let settledBelow = 0;
  const readers: Reader[] = [];
  const accepted = new Set<string>();
  const refused = new Set<string>();
  let updates = 0;

  function take(view: View, record: ModelRecord): boolean {
    const counts = isAccepted(record.baseVersion, view.current && asAccepted(view.current));
    if (counts) view.current = record;
    view.endsVoid = !counts;
    return counts;
  }

  function read(reader: Reader, count = Number.POSITIVE_INFINITY): void {
    for (const record of log.filter(({ offset }) => offset >= reader.nextOffset).slice(0, count)) {
      reader.nextOffset = record.offset + 1;
      const counts = take(reader.view, record);
      if (record.offset !== reader.waitingFor) continue;
      reader.waitingFor = undefined;
      if (record.update !== undefined) (counts ? accepted : refused).add(record.update);
    }
  }

  /** The records that count for one who has read every record that ever was. */
  function counting(): ModelRecord[] {
    const view: View = { current: undefined, endsVoid: false };
    return everything.filter((record) => take(view, record));
  }

  function open(): Reader {
    const reader: Reader = {
      view: { current: undefined, endsVoid: false },
      nextOffset: 0,
      writing: undefined,
      waitingFor: undefined,
    };
    read(reader);
    return reader;
  }

  function append(reader: Reader): void {
    if (reader.writing === undefined) return;
    const record = { ...reader.writing, offset: everything.length };
    reader.writing = undefined;
    reader.waitingFor = record.offset;
    everything.push(record);
    log.push(record);
  }

  /** A writer may be behind, but not by a day, the lag of compaction. */
  function begin(reader: Reader, update: string | undefined): void {
    if (reader.writing !== undefined || reader.waitingFor !== undefined) return;
    if (reader.nextOffset < settledBelow) return;
    const { current } = reader.view;
    const before = current?.updates ?? [];
    reader.writing = {
      baseVersion: current?.offset ?? noVersion,
      updates: update === undefined ? before : [...before, update],
      update,
    };
  }

  return {
    accepted,
    refused,
    counting,
    open() {
      readers.push(open());
    },
    read: (index: number, count: number) => withReader(index, (reader) => read(reader, count)),
    /** Begins to change what the reader knows of, which may be old. */
    begin: (index: number) => withReader(index, (reader) => begin(reader, `update ${updates++}`)),
    append: (index: number) => withReader(index, append),
    /** As PusherService.pushSettings does, and any writer without versions. */
    replace() {
      const update = `update ${updates++}`;
      const record = { offset: everything.length, baseVersion: undefined, updates: [update], update };
      everything.push(record);
      log.push(record);
    },
    /** Its push ends, written or not; another process takes its place. */
    crash: (index: number) =>
      withReader(index, (reader) => {
        readers[readers.indexOf(reader)] = open();
      }),
    mend: (index: number) =>
      withReader(index, (reader) => {
        if (reader.view.endsVoid) begin(reader, undefined);
      }),
    /**
     * Below the offset only the newest record stays. A record that is compacted is a day old at least: if it was void it has
     * been followed by one that counts, and a write does not take so long that its writer has not read it.
     */
    compact(below: number) {
      const writing = readers.filter((each) => (each.writing ?? each.waitingFor) !== undefined);
      const isRead = Math.min(below, ...writing.map(({ nextOffset }) => nextOffset));
      const head = log.filter(({ offset }) => offset < isRead);
      const newest = head.at(-1);
      const settling = newest && counting().find(({ offset }) => offset >= newest.offset);
      if (newest === undefined || settling === undefined) return;
      settledBelow = Math.max(settledBelow, settling.offset + 1);
      log = [newest, ...log.slice(head.length)];
    },
    /** Lets everybody finish, and gives what each reader then has, one among them that comes only now. */
    settle(): (ModelRecord | undefined)[] {
      for (const reader of readers) append(reader);
      for (const reader of readers) read(reader);
      for (const reader of readers.slice(0, 1)) {
        while (reader.view.endsVoid) {
          begin(reader, undefined);
          append(reader);
          read(reader);
        }
      }
      for (const reader of readers) read(reader);
      return [...readers, open()].map(({ view }) => view.current);
    },
  };

  function withReader(index: number, use: (reader: Reader) => void): void {
    const reader = readers[index % Math.max(1, readers.length)];
    if (reader !== undefined) use(reader);
  }
}

function asAccepted({ baseVersion, offset }: ModelRecord): AcceptedSettings {
  const settings = { requestId: 'r', timestamp: new Date(0), deviceId: 'd', settings: {}, metadata: {} };
  return { settings: { ...settings, baseVersion }, version: offset };
}

/** One way to bring commands from Kafka to the devices, in a process of its own. */
export interface Contestant {
  readonly name: string;
  /** The device to which nothing gets. */
  readonly deadDevice?: string;
  /** Begins at the first command of the topic, in a consumer group of its own. It need not be connected yet. */
  start(route: Route): Promise<RunningContestant>;
}

export interface Route {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly mqttUrl: string;
}

interface RunningContestant extends AsyncDisposable {
  usage(): Promise<ProcessUsage>;
  /** Bytes in use after a collection of garbage; not a number for a program that is not in JavaScript. */
  liveHeap(): Promise<number>;
  /** Lets it finish what it is at and end; resolves with what it has used until then. */
  stop(): Promise<ProcessUsage>;
}

export interface ProcessUsage {
  /** Time of all threads on all cores since its start; not a number where the system does not say it. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Asks the probe of a program to collect the garbage and to answer with a `MemoryReport`. */
export const collectSignal = 'SIGUSR2';

/** Memory of a program after a collection of garbage. */
export interface MemoryReport {
  /** Objects and buffers that are reachable, in bytes. */
  readonly liveBytes: number;
}

import type { ConnectorPort, DeviceReport } from '@preservarium/connector';

/** The connector, as a deliverer sees it: commands wait for the devices named, and what is reported is kept. */
export interface FakePort extends ConnectorPort {
  readonly reports: readonly DeviceReport[];
  /** What `reachable` does from now on; by default nothing waits. */
  onReachable(handle: (deviceId: string) => boolean): void;
}

export function createFakePort(): FakePort {
  const reports: DeviceReport[] = [];
  let handle = (_deviceId: string) => false;
  return {
    reports,
    onReachable(next) {
      handle = next;
    },
    reachable: (deviceId) => handle(deviceId),
    async report(report) {
      reports.push(report);
    },
  };
}

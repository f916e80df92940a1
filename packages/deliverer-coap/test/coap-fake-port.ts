import type { ConnectorPort, DeviceReport } from '@preservarium/connector';

/** The connector, as a deliverer sees it. */
export interface FakePort extends ConnectorPort {
  /** What devices said. */
  readonly reports: readonly DeviceReport[];
  /** What `reachable` does from now on; by default nothing waits. */
  onReachable(handle: (deviceId: string) => boolean): void;
  /** What `report` waits for from now on; by default nothing. */
  onReport(handle: () => Promise<void>): void;
}

export function createFakePort(): FakePort {
  const reports: DeviceReport[] = [];
  let handleReachable = (_deviceId: string) => false;
  let handleReport = async () => {};
  return {
    reports,
    onReachable(handle) {
      handleReachable = handle;
    },
    onReport(handle) {
      handleReport = handle;
    },
    reachable: (deviceId) => handleReachable(deviceId),
    async report(report) {
      reports.push(report);
      await handleReport();
    },
  };
}

import type { JsonObject } from '@preservarium/core';
import type { ConnectorPort, DeviceReport, ReportOutcome } from '@preservarium/deliverer';

/** The connector, as a deliverer sees it. */
export interface FakePort extends ConnectorPort {
  /** The reports of devices. */
  readonly reports: readonly DeviceReport[];
  /** The reported settings of devices. */
  readonly settingsReports: readonly { readonly deviceId: string; readonly patch: JsonObject }[];
  /** Implementation of `reachable` from now on; by default nothing waits. */
  onReachable(handle: (deviceId: string) => boolean): void;
  /** Devices whose partition is that of another connector. */
  readonly elsewhere: Set<string>;
  /** Promise that `report` awaits from now on, and answer of `reported`; by default both succeed at once. */
  onReport(handle: () => Promise<ReportOutcome>): void;
}

export function createFakePort(): FakePort {
  const reports: DeviceReport[] = [];
  const settingsReports: { deviceId: string; patch: JsonObject }[] = [];
  let handleReachable = (_deviceId: string) => false;
  let handleReport = async (): Promise<ReportOutcome> => ({ kind: 'kept' });
  const elsewhere = new Set<string>();
  return {
    elsewhere,
    turnsAway: (deviceId) => elsewhere.has(deviceId),
    reports,
    settingsReports,
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
    async reported(deviceId, patch) {
      settingsReports.push({ deviceId, patch });
      return handleReport();
    },
  };
}

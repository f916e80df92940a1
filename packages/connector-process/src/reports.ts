import type { Connector } from '@preservarium/connector';
import { PusherError } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import type { HealthReport } from './health-server.js';

interface ProcessState {
  /** Undefined until it has joined its group. */
  readonly connector: Connector | undefined;
  /** The error that ended it. */
  readonly failure: unknown;
}

/**
 * Returns the answers to the probes. `/healthz` fails only when the process must be restarted, `/readyz` whenever no command can be
 * delivered now: it has not joined its group, Kafka or the device side is not connected, it stops or has failed.
 */
export function createReports(
  deliverer: Deliverer,
  state: () => ProcessState,
): Readonly<Record<'/healthz' | '/readyz', () => HealthReport>> {
  return {
    '/healthz': () => {
      const { failure } = state();
      if (failure === undefined) return { ok: true, details: { status: 'alive' } };
      const code = PusherError.isInstance(failure) ? failure.code : 'UNEXPECTED';
      return { ok: false, details: { status: 'failed', code, message: String(failure) } };
    },
    '/readyz': () => {
      const { connector } = state();
      const ok = connector?.isReady() ?? false;
      const devices = deliverer.isReady() ? 'connected' : 'not connected';
      const status = connector?.status() ?? { kafka: 'joining' };
      return { ok, details: { ready: ok, devices, ...status } };
    },
  };
}

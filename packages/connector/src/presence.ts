import { createRateLimitedLog, type Logger } from '@preservarium/backend';
import type { ConnectorPort } from '@preservarium/deliverer';
import type { AwayDevices } from './ledger/away-devices.js';

/**
 * - `off`: the deliverer does not ask for the presence of devices.
 * - `observe`: a device that says that it is present is tried at once.
 * - `require`: the same, and nothing is sent to a device that says that it is away. One that said nothing yet is tried.
 */
export type PresenceMode = 'off' | 'observe' | 'require';

export interface PresenceOptions {
  readonly mode: PresenceMode;
  readonly away: AwayDevices;
  readonly logger: Logger;
}

/** Returns the port with what the mode makes of the presence of devices. Any other sign of a device shows that it is not away, too. */
export function withPresence(port: ConnectorPort, { mode, away, logger }: PresenceOptions): ConnectorPort {
  const warnings = createRateLimitedLog(logger);
  if (mode !== 'require') {
    // The entries of another mode would grow old.
    away.clear();
    return mode === 'off'
      ? port
      : { ...port, presence: (id, said) => void (said === 'present' && port.reachable(id)) };
  }

  function reachable(deviceId: string): boolean {
    away.remove(deviceId);
    return port.reachable(deviceId);
  }

  return {
    reachable,
    presence(deviceId, said) {
      if (said !== 'away') reachable(deviceId);
      else if (!away.add(deviceId)) {
        warnings.warn('too many devices are away: one is tried as if it had said nothing', { deviceId });
      }
    },
    report(said) {
      if (away.has(said.deviceId)) reachable(said.deviceId);
      return port.report(said);
    },
    reported(deviceId, patch) {
      away.remove(deviceId);
      return port.reported(deviceId, patch);
    },
  };
}

import { type CommandInput, parseCommand } from '@preservarium/core';
import type { DeliveryContext, DeliveryResult, DeviceReport } from '@preservarium/deliverer';
import { onTestFinished } from 'vitest';
import { createHttpDeliverer, type HttpDelivererOptions } from '../src/index.js';

export type DeliverCommand = (
  command?: Partial<CommandInput>,
  context?: Partial<DeliveryContext>,
) => Promise<DeliveryResult>;

/** A deliverer that finds every device at one base URL, closed when the test ends. */
export async function deliverTo(
  baseUrl: string,
  settings: Partial<HttpDelivererOptions> = {},
  reports: DeviceReport[] = [],
): Promise<DeliverCommand> {
  const deliverer = createHttpDeliverer({ directory: () => baseUrl, ...settings });
  onTestFinished(() => deliverer.close({ timeoutMs: 0 }));
  const port = {
    reachable: () => false,
    report: async (report: DeviceReport) => void reports.push(report),
    reported: async () => ({ kind: 'kept' as const }),
  };
  await deliverer.start(port, { timeoutMs: 1_000 });
  return (command, context) =>
    deliverer.deliver(
      parseCommand({ deviceId: 'lamp-7', commandType: 'set_led', protocol: 'http', ...command }),
      { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal, ...context },
    );
}

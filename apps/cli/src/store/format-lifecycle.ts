import { printable } from '@preservarium/command-line';
import type { Lifecycle, LifecycleEvent } from '@preservarium/core';
import { formatTable } from '../dead-letters/format-table.js';
import { detailsOf } from '../tracking/format-event.js';

/** Returns the lines that `status` prints. */
export function formatLifecycle(lifecycle: Lifecycle): string[] {
  const { requestId, deviceId, commandType = '-', protocol = '-', issuedBy, events } = lifecycle;
  const facts = [
    ['request', printable(requestId)],
    ['device', printable(deviceId)],
    ['type', printable(commandType)],
    ['protocol', printable(protocol)],
    ...(issuedBy === undefined ? [] : [['issued by', printable(issuedBy)]]),
    ['state', [lifecycle.state, ...detailsOf(lifecycle)].join('  ')],
  ];
  return [
    ...formatTable(facts, Number.POSITIVE_INFINITY),
    '',
    ...formatTable(events.map(eventRow), Number.POSITIVE_INFINITY),
  ];
}

/** Returns commands as a table with a header. */
export function formatLifecycles(lifecycles: readonly Lifecycle[], maxColumns: number): string[] {
  const head = ['SINCE', 'DEVICE', 'REQUEST', 'TYPE', 'STATE', 'WHY'];
  const rows = lifecycles.map((lifecycle) => {
    const { timestamp, deviceId, requestId, commandType = '-', state } = lifecycle;
    const texts = [deviceId, requestId, commandType].map(printable);
    return [timestamp.toISOString(), ...texts, state, detailsOf(lifecycle).join('  ')];
  });
  return formatTable([head, ...rows], maxColumns);
}

function eventRow(event: LifecycleEvent): string[] {
  const { timestamp, state, attempt } = event;
  const details = detailsOf(event);
  if (attempt !== undefined) details.push(`attempt ${attempt}`);
  return [timestamp.toISOString(), state, details.join('  ')];
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { Command } from '../api/types.js';
import { commandPath } from '../components/links.js';
import { ScrollBox } from '../components/scroll-box.js';
import { StateBadge } from '../components/state-badge.js';
import { Time } from '../components/time.js';
import styles from './command-rows.module.css';
import { keyOf } from './use-command-pages.js';

export interface CommandRowsProps {
  readonly commands: readonly Command[];
  readonly hasMore: boolean;
  /** False while a page is on its way, and after a failure. */
  readonly canLoad: boolean;
  /** Called when the last rows come into view. */
  onEnd(): void;
  onTop(isAtTop: boolean): void;
}

const rowHeight = 42;
const columns = ['State', 'Type', 'Device', 'Request', 'Since'];

/** A table that draws the rows in view only, however many there are. */
export function CommandRows({ commands, hasMore, canLoad, onEnd, onTop }: CommandRowsProps) {
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: commands.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  const isWanted = canLoad && (items.at(-1)?.index ?? 0) >= commands.length - 1;
  useEffect(() => {
    if (isWanted) onEnd();
  }, [isWanted, onEnd]);

  return (
    <ScrollBox
      ref={box}
      label="List of commands"
      className={styles.box}
      onScroll={(event) => onTop(event.currentTarget.scrollTop < rowHeight)}
    >
      <table className={styles.table} aria-rowcount={hasMore ? -1 : commands.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden className={styles.space} style={{ height: above }} />}
          {items.map(({ index }) => {
            const command = commands[index];
            return command && <Row key={keyOf(command)} command={command} index={index + 2} />;
          })}
          {below > 0 && <tr aria-hidden className={styles.space} style={{ height: below }} />}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Row({ command, index }: { readonly command: Command; readonly index: number }) {
  const { state, command_type: type, device_id: device, request_id: request, timestamp } = command;
  return (
    <tr aria-rowindex={index}>
      <td>
        <StateBadge state={state} />
      </td>
      <td>
        <Link href={commandPath(command)} className={styles.link}>
          {type ?? 'unknown'}
        </Link>
      </td>
      <td>{device}</td>
      <td className="code quiet">{request}</td>
      <td className="quiet">
        <Time at={timestamp} />
      </td>
    </tr>
  );
}

import { Paper, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, contentOf } from '../api/client.js';
import type { Command } from '../api/types.js';
import { commandPath } from '../components/links.js';
import { StateBadge } from '../components/state-badge.js';
import { TextLink } from '../components/text-link.js';
import { Time } from '../components/time.js';
import styles from './commands-of-device.module.css';

const historySize = 20;
const queueSize = 1_000;

/** The commands that a device has not ended yet, in the order in which it gets them, and its latest others. */
export function CommandsOfDevice({ id }: { readonly id: string }) {
  const queue = useCommands(id, 'published,waiting,dispatched', queueSize);
  const history = useCommands(
    id,
    'delivered,succeeded,failed,rejected,expired,superseded,cancelled,dead',
    historySize,
  );
  const queued = queue?.commands.toSorted((one, other) => pushedAtOf(one) - pushedAtOf(other)) ?? [];
  return (
    <>
      <Paper withBorder p="md">
        <Title order={2} mb="xs">
          Queue
        </Title>
        {queued.length === 0 && <Text size="sm">No command waits.</Text>}
        <ol className={styles.list}>
          {queued.map((command) => (
            <Item key={command.request_id} command={command} />
          ))}
        </ol>
        {queue?.cursor && <Text size="sm">There are more than {queueSize.toLocaleString()}.</Text>}
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} mb="xs">
          History
        </Title>
        {history?.commands.length === 0 && <Text size="sm">No command has ended.</Text>}
        <ul className={styles.list}>
          {history?.commands.map((command) => (
            <Item key={command.request_id} command={command} />
          ))}
        </ul>
        {history?.cursor && (
          <TextLink href={`/commands?${new URLSearchParams({ device: id })}`}>All commands</TextLink>
        )}
      </Paper>
    </>
  );
}

function useCommands(device: string, state: string, limit: number) {
  const { data } = useQuery({
    queryKey: ['commands-of', device, state],
    queryFn: () => contentOf(api.GET('/v1/commands', { params: { query: { device, state, limit } } })),
    // Commands that no connector has taken yet have no events.
    refetchInterval: 5_000,
  });
  return data;
}

function Item({ command }: { readonly command: Command }) {
  return (
    <li>
      <StateBadge state={command.state} />
      <TextLink href={commandPath(command)}>{command.command_type ?? 'unknown'}</TextLink>
      <span className="quiet">
        <Time at={command.timestamp} />
      </span>
    </li>
  );
}

/** Kafka's order of a device is that of the pushes. */
function pushedAtOf({ events, timestamp }: Command): number {
  return Date.parse(events.find(({ state }) => state === 'published')?.timestamp ?? timestamp);
}

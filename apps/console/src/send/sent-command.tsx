import { Group, Paper, Title } from '@mantine/core';
import { CommandTimeline } from '../command/command-timeline.js';
import { type CommandId, useCommand } from '../command/use-command.js';
import { JsonBlock } from '../components/json-block.js';
import { commandPath } from '../components/links.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { StateBadge } from '../components/state-badge.js';
import { TextLink } from '../components/text-link.js';

/** A command that was sent, up to its answer. */
export function SentCommand({ request, device }: CommandId) {
  const { data, error } = useCommand({ request, device });
  return (
    <Paper withBorder p="md">
      <Group mb="md" justify="space-between">
        <Title order={2}>Answer</Title>
        <span role="status">{data && <StateBadge state={data.state} />}</span>
      </Group>
      {data === undefined ? <ProblemAlert error={error} /> : <CommandTimeline events={data.events} />}
      {data?.result !== undefined && <JsonBlock value={data.result} label="Result" />}
      {data && <TextLink href={commandPath(data)}>Open the command</TextLink>}
    </Paper>
  );
}

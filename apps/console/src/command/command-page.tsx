import { Button, Grid, Group, Paper, Stack, Title } from '@mantine/core';
import { Link, useSearchParams } from 'wouter';
import type { Command, CommandState } from '../api/types.js';
import { Facts } from '../components/facts.js';
import { JsonBlock } from '../components/json-block.js';
import { commandPath, devicePath } from '../components/links.js';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { StateBadge } from '../components/state-badge.js';
import { TextLink } from '../components/text-link.js';
import { Time } from '../components/time.js';
import { CancelButton } from './cancel-button.js';
import { CommandTimeline } from './command-timeline.js';
import { PayloadPanel } from './payload-panel.js';
import { useCommand } from './use-command.js';

/** States in which a connector may still cancel a command. */
const cancellable: readonly CommandState[] = ['published', 'waiting', 'dispatched'];

/** One command: what happened to it, and what comes next. */
export function CommandPage() {
  const [search] = useSearchParams();
  const request = search.get('request') ?? '';
  const device = search.get('device') ?? undefined;
  const { data, error } = useCommand({ request, device });
  if (data === undefined) {
    return (
      <>
        <PageTitle>Command</PageTitle>
        <ProblemAlert error={error} />
      </>
    );
  }
  return <CommandView command={data} />;
}

function CommandView({ command }: { readonly command: Command }) {
  const { command_type: type = 'Command', device_id: device } = command;
  return (
    <>
      <PageTitle
        actions={
          <>
            {cancellable.includes(command.state) && <CancelButton command={command} />}
            {command.state === 'dead' && <DeadLetterButton device={device} />}
          </>
        }
      >
        {`${type} for ${device}`}
      </PageTitle>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Paper withBorder p="md">
            <Stack gap="sm">
              <Group>
                <Title order={2}>Now</Title>
                <span role="status">
                  <StateBadge state={command.state} />
                </span>
              </Group>
              <CommandFacts command={command} />
            </Stack>
          </Paper>
          <Stack gap="lg" mt="lg">
            <PayloadPanel command={command} />
          </Stack>
          {command.result !== undefined && (
            <Paper withBorder p="md" mt="lg">
              <Title order={2} mb="xs">
                Result
              </Title>
              <JsonBlock value={command.result} label="Result" />
            </Paper>
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Paper withBorder p="md">
            <Title order={2} mb="md">
              Timeline
            </Title>
            <CommandTimeline events={command.events} />
          </Paper>
        </Grid.Col>
      </Grid>
    </>
  );
}

/** A dead letter is read and sent again on the page of dead letters. */
function DeadLetterButton({ device }: { readonly device: string }) {
  const href = `/dead-letters?${new URLSearchParams({ device })}`;
  return (
    <Button component={Link} href={href}>
      Read and send again
    </Button>
  );
}

/** Where the device may never answer. */
const unproven: Readonly<Record<string, string>> = {
  gateway: 'no: the gateway has it, and the device has not acknowledged it',
};

function CommandFacts({ command }: { readonly command: Command }) {
  const last = command.events.findLast(({ state }) => state === command.state);
  const { device_id: device, state, is_final: isFinal } = command;
  const isWaiting = state === 'waiting';
  return (
    <Facts
      facts={{
        'Last change': <Time at={command.timestamp} />,
        Reason: command.reason,
        'Next attempt': isWaiting && last?.next_attempt_at && <Time at={last.next_attempt_at} />,
        'Waits for': isWaiting && last?.behind && (
          <TextLink href={commandPath({ device_id: device, request_id: last.behind })}>
            {last.behind}
          </TextLink>
        ),
        Final: isFinal ? 'yes' : (unproven[last?.evidence ?? ''] ?? 'no, it may still change'),
        Device: <TextLink href={devicePath(device)}>{device}</TextLink>,
        Protocol: command.protocol,
        'Sent by': command.issued_by,
        'Request id': <span className="code">{command.request_id}</span>,
      }}
    />
  );
}

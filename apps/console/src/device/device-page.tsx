import { Button, Grid, Paper, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { useEvents } from '../api/live.js';
import type { Device } from '../api/types.js';
import { useDevice } from '../api/use-device.js';
import { Facts } from '../components/facts.js';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { TextLink } from '../components/text-link.js';
import { Time } from '../components/time.js';
import { SettingsPanel } from '../settings/settings-panel.js';
import { CommandsOfDevice } from './commands-of-device.js';

/** One device: its signs, its queue, its settings and its history. */
export function DevicePage() {
  const [search] = useSearchParams();
  const id = search.get('id') ?? '';
  const queryClient = useQueryClient();
  const { data, error } = useDevice(id);
  useEvents({ device: id }, () => {
    for (const queryKey of [
      ['device', id],
      ['commands-of', id],
      ['settings', id],
    ]) {
      void queryClient.invalidateQueries({ queryKey });
    }
  });
  return (
    <>
      <PageTitle
        actions={
          <Button component={Link} href={`/send?${new URLSearchParams({ device: id })}`} variant="default">
            Send a command
          </Button>
        }
      >
        {id}
      </PageTitle>
      {data === undefined && <ProblemAlert error={error} />}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            {data === null && <Text>The gateway knows no command and no settings of this device.</Text>}
            {data && <DeviceFacts device={data} />}
            <CommandsOfDevice id={id} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <SettingsPanel id={id} type={data?.type ?? undefined} />
        </Grid.Col>
      </Grid>
    </>
  );
}

const signs = { answer: 'it answered a command', settings: 'it reported settings' } as const;

function DeviceFacts({ device }: { readonly device: Device }) {
  const { type, presence, waiting, commands, device_id: id } = device;
  const counts = Object.entries(commands).map(([state, count]) => `${count} ${state}`);
  return (
    <Paper withBorder p="md">
      <Title order={2} mb="xs">
        Now
      </Title>
      <Facts
        facts={{
          Type: type ?? 'not declared',
          'Last sign': presence ? (
            <>
              <Time at={presence.seen_at} />: {signs[presence.by]}
            </>
          ) : (
            'none is known'
          ),
          'Not ended': `${waiting}`,
          Commands: (
            <TextLink href={`/commands?${new URLSearchParams({ device: id })}`}>
              {counts.join(', ') || 'none'}
            </TextLink>
          ),
        }}
      />
    </Paper>
  );
}

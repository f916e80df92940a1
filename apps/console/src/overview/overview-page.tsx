import { Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, contentOf } from '../api/client.js';
import { commandStates, type Overview } from '../api/types.js';
import { durationOf } from '../components/duration-of.js';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { StateBadge } from '../components/state-badge.js';
import { TextLink } from '../components/text-link.js';
import { Figure } from './figure.js';

const unsuccessful = ['failed', 'rejected', 'dead'] as const;

/** The commands of all devices at a glance. */
export function OverviewPage() {
  const { data, error } = useQuery({
    queryKey: ['overview'],
    queryFn: () => contentOf(api.GET('/v1/overview', {})),
    refetchInterval: 2_000,
  });
  return (
    <>
      <PageTitle>Overview</PageTitle>
      {data === undefined ? <ProblemAlert error={error} /> : <Figures overview={data} />}
    </>
  );
}

function Figures({ overview }: { readonly overview: Overview }) {
  const { states, last_minute: lastMinute, latency_ms: latency, connectors } = overview;
  const changed = Object.values(lastMinute).reduce((sum, count) => sum + count, 0);
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
        <Figure label="Changes in the last minute" value={changed.toLocaleString()} />
        <Figure
          label="Push to device, p50"
          value={latency ? durationOf(latency.p50) : '–'}
          note={latency && `of ${latency.count} in 5 minutes`}
        />
        <Figure label="Push to device, p99" value={latency ? durationOf(latency.p99) : '–'} />
        <Figure
          label="Waiting for devices"
          value={(states.waiting ?? 0).toLocaleString()}
          href="/commands?state=waiting"
        />
        <Figure
          label="Failed, rejected or dead"
          value={unsuccessful.reduce((sum, state) => sum + (states[state] ?? 0), 0).toLocaleString()}
          href={`/commands?state=${unsuccessful.join(',')}`}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Paper withBorder p="md">
          <Title order={2} mb="xs">
            Commands by state
          </Title>
          <Table aria-label="Commands by state">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>State</Table.Th>
                <Table.Th ta="right">Last minute</Table.Th>
                <Table.Th ta="right">All</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {commandStates.map((state) => (
                <Table.Tr key={state}>
                  <Table.Td>
                    <StateBadge state={state} />
                  </Table.Td>
                  <Table.Td ta="right">{(lastMinute[state] ?? 0).toLocaleString()}</Table.Td>
                  <Table.Td ta="right">
                    <TextLink href={`/commands?state=${state}`}>
                      {(states[state] ?? 0).toLocaleString()}
                    </TextLink>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} mb="xs">
            Connectors
          </Title>
          <Table aria-label="Connectors">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Protocol</Table.Th>
                <Table.Th ta="right">Members</Table.Th>
                <Table.Th ta="right">Lag</Table.Th>
                <Table.Th ta="right">Waiting</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {connectors.map(({ protocol, group, lag, members, waiting }) => (
                <Table.Tr key={protocol}>
                  <Table.Td>
                    <Text fw={500}>{protocol}</Text>
                    <span className="code quiet">{group}</span>
                  </Table.Td>
                  <Table.Td ta="right">{members ?? '–'}</Table.Td>
                  <Table.Td ta="right">{lag === undefined ? 'never started' : lag.toLocaleString()}</Table.Td>
                  <Table.Td ta="right">{waiting.toLocaleString()}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Paper>
      </SimpleGrid>
    </Stack>
  );
}

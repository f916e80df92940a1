import { Button, Paper, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, contentOf } from '../api/client.js';
import type { Device } from '../api/types.js';
import { devicePath } from '../components/links.js';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { TextLink } from '../components/text-link.js';
import { Time } from '../components/time.js';

/** The devices that the gateway knows, by their ids. */
export function DevicesPage() {
  const [text, setText] = useState('');
  const [prefix] = useDebouncedValue(text.trim(), 300);
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['devices', prefix],
    queryFn: ({ pageParam }) =>
      contentOf(
        api.GET('/v1/devices', { params: { query: { prefix: prefix || undefined, cursor: pageParam } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  const devices = data?.pages.flatMap((page) => page.devices) ?? [];
  return (
    <>
      <PageTitle>Devices</PageTitle>
      <TextInput
        label="Id begins with"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw={300}
        mb="sm"
      />
      {data === undefined && <ProblemAlert error={error} />}
      {data !== undefined && devices.length === 0 && <Text>No device is known.</Text>}
      {devices.length > 0 && <DeviceTable devices={devices} />}
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          More devices
        </Button>
      )}
    </>
  );
}

function DeviceTable({ devices }: { readonly devices: readonly Device[] }) {
  return (
    <Paper withBorder>
      <Table aria-label="Devices">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Device</Table.Th>
            <Table.Th visibleFrom="xs">Type</Table.Th>
            <Table.Th>Last sign</Table.Th>
            <Table.Th ta="right">Waiting</Table.Th>
            <Table.Th>Settings</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {devices.map(({ device_id: id, type, presence, waiting, settings }) => (
            <Table.Tr key={id}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <TextLink href={devicePath(id)}>{id}</TextLink>
              </Table.Td>
              <Table.Td visibleFrom="xs">{type}</Table.Td>
              <Table.Td>{presence && <Time at={presence.seen_at} />}</Table.Td>
              <Table.Td ta="right">{waiting}</Table.Td>
              <Table.Td>{settingsWord(settings)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function settingsWord(settings: Device['settings']): ReactNode {
  if (settings === null) return null;
  return settings.in_sync ? 'in sync' : 'differ';
}

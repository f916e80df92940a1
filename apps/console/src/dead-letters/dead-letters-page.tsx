import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { api, contentOf } from '../api/client.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { DeadLetterContent } from './dead-letter-content.js';
import { DeadLetterTable } from './dead-letter-table.js';
import { RedriveProgress } from './redrive-progress.js';
import { useRedrive } from './use-redrive.js';

const ofSignatures = ['unsigned', 'wrong-key', 'replayed', 'not-allowed'] as const;
const reasons = ['poison', 'rejected', 'exhausted', ...ofSignatures] as const;

/** Commands that were given up: why, and whether they may be sent again. */
export function DeadLettersPage() {
  const [search] = useSearchParams();
  const [deviceText, setDevice] = useState(search.get('device') ?? '');
  const [device] = useDebouncedValue(deviceText.trim(), 300);
  const [reason, setReason] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [read, setRead] = useState<string>();
  const { run, isRunning, start, reset } = useRedrive();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['dead-letters', device, reason],
    queryFn: ({ pageParam }) =>
      contentOf(
        api.GET('/v1/dead-letters', {
          params: {
            query: {
              device: device || undefined,
              reason: reasons.find((known) => known === reason),
              sent_again: 'true',
              limit: 200,
              cursor: pageParam,
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
    // Older pages are read from the topic.
    refetchInterval: 15_000,
  });
  const letters = data?.pages.flatMap((page) => page.dead_letters) ?? [];
  const chosen = letters.filter(({ position, sent_again: sent }) => selected.has(position) && !sent);
  const positions = chosen.map(({ position }) => position);

  return (
    <>
      <PageTitle>Dead letters</PageTitle>
      <Stack gap="sm">
        <Group align="end" gap="sm">
          <TextInput
            label="Device"
            value={deviceText}
            onChange={(event) => setDevice(event.currentTarget.value)}
          />
          <NativeSelect
            label="Reason"
            data={[{ value: '', label: 'all' }, ...reasons]}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={positions.length === 0 || isRunning}
            onClick={() => void start(positions, true)}
          >
            Dry run
          </Button>
          <ConfirmButton
            label={`Send ${positions.length} again`}
            question="Send the selected dead letters to the command topic again? Those that have expired or are superseded are refused."
            isDisabled={positions.length === 0}
            isPending={isRunning}
            onConfirm={() => void start(positions, false)}
          />
        </Group>
        {run !== undefined && <RedriveProgress run={run} />}
        {data === undefined && <ProblemAlert error={error} />}
        {data !== undefined && letters.length === 0 && !hasNextPage && (
          <Text>There are no dead letters.</Text>
        )}
        {letters.length > 0 && (
          <DeadLetterTable
            letters={letters}
            selected={selected}
            results={run?.results}
            onSelect={(positions) => {
              setSelected(positions);
              reset();
            }}
            onRead={setRead}
          />
        )}
        {hasNextPage && (
          <Button
            variant="default"
            loading={isFetchingNextPage}
            onClick={() => void fetchNextPage({ cancelRefetch: false })}
          >
            Older dead letters
          </Button>
        )}
      </Stack>
      <DeadLetterContent position={read} onClose={() => setRead(undefined)} />
    </>
  );
}

import { Button, Paper, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, contentOf } from '../api/client.js';
import { parseExact } from '../api/exact-json.js';
import type { Command } from '../api/types.js';
import { CodeBlock } from '../components/code-block.js';
import { ProblemAlert } from '../components/problem-alert.js';

/** The command as it was pushed. The gateway reads the command topic for it, so it is asked for. */
export function PayloadPanel({ command }: { readonly command: Command }) {
  const { request_id: id, device_id: device } = command;
  const [isWanted, setWanted] = useState(false);
  const { data, error, isFetching } = useQuery({
    queryKey: ['content', id, device],
    queryFn: () =>
      contentOf(
        api.GET('/v1/commands/{id}/content', {
          params: { path: { id }, query: { device } },
          // Numbers keep their digits.
          parseAs: 'text',
        }),
      ),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Paper withBorder p="md">
      <Title order={2} mb="xs">
        Payload
      </Title>
      {data === undefined ? (
        <Button variant="default" size="compact-sm" loading={isFetching} onClick={() => setWanted(true)}>
          Read the command from Kafka
        </Button>
      ) : (
        <CodeBlock label="Payload" text={JSON.stringify(parseExact(data), null, 2)} />
      )}
      <ProblemAlert error={error} />
    </Paper>
  );
}

import { Button, Paper, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, contentOf } from '../api/client.js';
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
        <CodeBlock label="Payload" text={indented(data)} />
      )}
      <ProblemAlert error={error} />
    </Paper>
  );
}

/** Returns JSON with a line for each of the fields, without touching their values. */
function indented(text: string): string {
  const fields = JSON.parse(text) as object;
  const isExact = JSON.stringify(fields) === text;
  return isExact ? JSON.stringify(fields, null, 2) : text;
}

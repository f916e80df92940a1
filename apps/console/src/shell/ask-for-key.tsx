import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { apiKey } from '../api/api-key.js';
import { PageTitle } from '../components/page-title.js';

/** Asks for an API key, which this tab keeps until it is closed. */
export function AskForKey({ reason }: { readonly reason: string }) {
  const queryClient = useQueryClient();
  const [key, setKey] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apiKey.write(key.trim());
    void queryClient.resetQueries();
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={420}>
        <PageTitle>API key</PageTitle>
        <Text role="status">{reason}</Text>
        <PasswordInput
          label="API key or token"
          description="It stays in this browser tab until the tab is closed."
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          autoComplete="off"
          required
          data-autofocus
        />
        <Button type="submit">Continue</Button>
      </Stack>
    </form>
  );
}

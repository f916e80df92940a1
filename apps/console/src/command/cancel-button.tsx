import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, contentOf } from '../api/client.js';
import type { Command } from '../api/types.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { ProblemAlert } from '../components/problem-alert.js';

/** Asks the connectors to cancel a command. */
export function CancelButton({ command }: { readonly command: Command }) {
  const queryClient = useQueryClient();
  const { request_id: id, device_id: device } = command;
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () =>
      contentOf(api.POST('/v1/commands/{id}:cancel', { params: { path: { id }, query: { device } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['command'] }),
  });
  if (isSuccess) return <Button disabled>Cancellation requested</Button>;
  return (
    <>
      <ProblemAlert error={error} />
      <ConfirmButton
        label="Cancel the command"
        question="Cancel this command? A connector cancels it unless an attempt ends it first. If it was sent before, the device may have executed it."
        isPending={isPending}
        onConfirm={mutate}
      />
    </>
  );
}

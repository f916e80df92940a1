import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { apiKey, useApiKey } from '../api/api-key.js';

/** Forgets the API key, where there is one. */
export function ForgetKeyButton() {
  const queryClient = useQueryClient();
  const key = useApiKey();
  if (key === null) return null;
  const forget = () => {
    apiKey.remove();
    apiKey.refuse('The API key is forgotten.');
    queryClient.clear();
  };
  return (
    <Button variant="default" size="compact-sm" onClick={forget}>
      Forget key
    </Button>
  );
}

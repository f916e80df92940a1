import { Alert, Badge } from '@mantine/core';
import { useConnection } from '../api/live.js';

const words = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost' } as const;
const colors = { connecting: 'gray', live: 'green', lost: 'red' } as const;

/** Shows whether the page is live. */
export function ConnectionState() {
  const connection = useConnection();
  return (
    <Badge variant="dot" color={colors[connection]} size="lg" tt="none" fw={500}>
      {words[connection]}
    </Badge>
  );
}

/** Says that the gateway does not answer. */
export function ConnectionBanner() {
  const isLost = useConnection() === 'lost';
  return (
    <div role="status">
      {isLost && (
        <Alert color="red" mb="md" title="The gateway does not answer">
          This page shows what was known before. It connects again by itself.
        </Alert>
      )}
    </div>
  );
}

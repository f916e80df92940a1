import { Alert, Code, List } from '@mantine/core';
import { ApiError } from '../api/client.js';

/** Shows why a request failed. */
export function ProblemAlert({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  if (!(error instanceof ApiError)) {
    return (
      <Alert color="red" title="The gateway did not answer" role="alert">
        {error.message}
      </Alert>
    );
  }
  const { code, detail, issues = [] } = error.problem;
  return (
    <Alert color="red" title={code} role="alert">
      {issues.length === 0 ? (
        detail
      ) : (
        <List size="sm">
          {issues.map(({ path, message }) => (
            <List.Item key={`${path} ${message}`}>
              {path !== '' && <Code>{path}</Code>} {message}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

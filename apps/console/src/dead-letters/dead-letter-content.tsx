import { Loader, Modal, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, contentOf } from '../api/client.js';
import type { DeadLetterContent as Content } from '../api/types.js';
import { Facts } from '../components/facts.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { Bytes } from './bytes.js';

export interface DeadLetterContentProps {
  /** Undefined: nothing is open. */
  readonly position: string | undefined;
  onClose(): void;
}

/** The original record of a dead letter. */
export function DeadLetterContent({ position, onClose }: DeadLetterContentProps) {
  const { data, error, isPending } = useQuery({
    queryKey: ['dead-letter', position],
    queryFn: () =>
      contentOf(api.GET('/v1/dead-letters/{position}', { params: { path: { position: position ?? '' } } })),
    enabled: position !== undefined,
  });
  return (
    <Modal
      opened={position !== undefined}
      onClose={onClose}
      title={`Dead letter ${position}`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <ProblemAlert error={error} />
      {isPending && <Loader aria-label="Reading" />}
      {data !== undefined && <Record content={data} />}
    </Modal>
  );
}

function Record({ content }: { readonly content: Content }) {
  const { message, redrive, key, value, headers, omitted_bytes: omitted } = content;
  return (
    <Stack>
      <Facts facts={{ Reason: message, Redrive: `it ${redrive}` }} />
      <section>
        <Title order={3} size="sm">
          Value
        </Title>
        {omitted === undefined ? (
          <Bytes bytes={value} label="Value" />
        ) : (
          <Text size="sm">The {omitted.toLocaleString()} bytes were too large to be kept.</Text>
        )}
      </section>
      <section>
        <Title order={3} size="sm">
          Key
        </Title>
        <Bytes bytes={key} label="Key" />
      </section>
      {headers.length > 0 && (
        <Table aria-label="Headers">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Header</Table.Th>
              <Table.Th>Value</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {headers.map(({ name, value }) => (
              <Table.Tr key={`${name} ${value?.base64}`}>
                <Table.Td className="code">{name}</Table.Td>
                <Table.Td className="code">{value === null ? 'null' : (value.text ?? value.base64)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

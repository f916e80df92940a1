import { Table, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, contentOf } from '../api/client.js';

export function CommandsPage() {
  const { data } = useQuery({
    queryKey: ['commands'],
    queryFn: () => contentOf(api.GET('/v1/commands', {})),
  });
  return (
    <>
      <Title order={1}>Commands</Title>
      <Table>
        <Table.Tbody>
          {data?.commands.map((command) => (
            <Table.Tr key={`${command.device_id} ${command.request_id}`}>
              <Table.Td>{command.request_id}</Table.Td>
              <Table.Td>{command.device_id}</Table.Td>
              <Table.Td>{command.state}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

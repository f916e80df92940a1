import type { Backend } from '@preservarium/backend';
import { type CommandMessage, decodeCommand } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';

/** An application that makes its topic, pushes in every way there is, and reads what it pushed; it names no backend. */
export async function runApplication(backend: Backend, topic: string): Promise<CommandMessage[]> {
  await using service = createPusherService({ backend, commandTopic: topic });
  await backend.createTopic({ topic, partitions: 1 });

  await service.pushCommand({
    deviceId: 'device123',
    commandType: 'set_led',
    protocol: 'mqtt',
    payload: { state: 'on' },
  });
  await service.pushCommandDict({
    device_id: 'device123',
    command_type: 'reboot',
    protocol: 'coap',
    path: '/r',
  });
  const more = [1, 2, 3].map((level) => ({
    deviceId: 'device123',
    commandType: 'dim',
    protocol: 'mqtt' as const,
    payload: { level },
  }));
  for await (const outcome of service.pushCommands(more)) if (!outcome.ok) throw outcome.error;

  return await readCommands(backend, topic, 2 + more.length);
}

async function readCommands(backend: Backend, topic: string, count: number): Promise<CommandMessage[]> {
  const commands: CommandMessage[] = [];
  const complete = Promise.withResolvers<void>();
  const subscription = await backend.subscribe({
    topics: [topic],
    groupId: `reader-of-${topic}`,
    from: 'beginning',
    async onRecords(records) {
      for (const { value } of records) {
        const decoded = decodeCommand(value);
        if (decoded.ok) commands.push(decoded.command);
      }
      if (commands.length >= count) complete.resolve();
    },
  });
  await Promise.race([complete.promise, subscription.closed]);
  await subscription.close({ timeoutMs: 10_000 });
  return commands;
}

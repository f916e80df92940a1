import { auditPushes, type PushAudit } from '@preservarium/conformance';
import { type KafkaCluster, scanTopic } from '@preservarium/dev-services';
import { type CommandPlace, commandOf, placeOf } from '../numbered-command.js';

const readTimeoutMs = 600_000;

/** Compares the outcomes of the callers with the records of the topic. */
export async function auditLoad(
  kafka: KafkaCluster,
  topic: string,
  { pushed, unacknowledged }: { readonly pushed: number; readonly unacknowledged: readonly number[] },
): Promise<PushAudit> {
  const records: CommandPlace[] = [];
  await scanTopic(kafka.settings, topic, (record) => records.push(commandOf(record)), {
    timeoutMs: readTimeoutMs,
  });
  const failed = new Set(unacknowledged);
  const pushes = Array.from({ length: pushed }, (_, number) => ({
    ...placeOf(number),
    acknowledged: !failed.has(number),
  }));
  return auditPushes(pushes, records);
}

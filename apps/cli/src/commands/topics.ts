import { withDeadline } from '@preservarium/concurrency';
import type { Command } from 'commander';
import { collectSettings, parseCount } from '../arguments.js';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { writeLines } from '../output.js';
import { withBackend } from '../with-backend.js';

interface CreateOptions extends CommonOptions {
  readonly partitions?: number;
  readonly replication?: number;
  readonly config?: Readonly<Record<string, string>>;
}

export function addTopicsCommand(program: Command, signal: AbortSignal): void {
  const topics = program
    .command('topics')
    .description('Create and list topics.')
    .addHelpText(
      'after',
      `
Examples:
  pusher topics create device_commands --partitions 6
  pusher topics create device_settings --config cleanup.policy=compact
  pusher topics list`,
    );

  const create = topics
    .command('create <name>')
    .description('Create a topic.')
    .option('--partitions <n>', "number of partitions (default: the brokers')", parseCount)
    .option('--replication <n>', "replicas of each partition (default: the brokers')", parseCount)
    .option('--config <name=value>', 'a topic configuration of Kafka; may be repeated', collectSettings);
  addCommonOptions(create)
    .addHelpText(
      'after',
      `
Examples:
  pusher topics create device_commands --partitions 6 --replication 3
  pusher topics create device_settings --config cleanup.policy=compact --config min.compaction.lag.ms=60000`,
    )
    .action((topic: string, options: CreateOptions) =>
      withBackend(readOptions(options), async (admin) => {
        const { partitions, replication: replicationFactor, config } = options;
        const newTopic = {
          topic,
          ...(partitions !== undefined && { partitions }),
          ...(replicationFactor !== undefined && { replicationFactor }),
          ...(config !== undefined && { config }),
        };
        await withDeadline(admin.createTopic(newTopic), {
          doing: `create topic ${topic}`,
          timeoutMs: options.timeout,
          signal,
        });
        await writeLines([`created ${topic}`]);
      }),
    );

  const list = topics.command('list').description('List the topics: name, tab, number of partitions.');
  addCommonOptions(list)
    .addHelpText(
      'after',
      `
Examples:
  pusher topics list
  pusher topics list --brokers kafka-1:9092 | cut -f 1`,
    )
    .action((options: CommonOptions) =>
      withBackend(readOptions(options), async (admin) => {
        const found = await withDeadline(admin.listTopics(), {
          doing: 'list the topics',
          timeoutMs: options.timeout,
          signal,
        });
        await writeLines(found.map(({ topic, partitions }) => `${topic}\t${partitions}`));
      }),
    );
}

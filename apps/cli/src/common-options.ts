import { type EnvironmentOptions, readKafkaOptions } from '@preservarium/environment';
import type { Command } from 'commander';
import { Option } from 'commander';
import pino from 'pino';
import { parseDuration } from './duration.js';

/** What every command understands. */
export interface CommonOptions {
  readonly backend?: string;
  readonly brokers?: string;
  readonly commandTopic?: string;
  /** Only where a command has the flag. */
  readonly waitingTopic?: string;
  /** Only where a command has the flag. */
  readonly eventTopic?: string;
  /** Only where a command has the flag. */
  readonly deadLetterTopic?: string;
  /** Only where a command has the flag. */
  readonly settingsTopic?: string;
  /** Only where a command has the flag. */
  readonly reportedTopic?: string;
  /** In milliseconds. */
  readonly timeout: number;
  readonly verbose?: true;
}

export function addCommonOptions(command: Command): Command {
  return command
    .optionsGroup('Kafka:')
    .option('--backend <name>', 'kafkajs, rdkafka or memory (PUSHER_BACKEND; default: kafkajs)')
    .option('--brokers <list>', 'host:port,... (KAFKA_BOOTSTRAP_SERVERS; default: localhost:9092)')
    .option('--command-topic <topic>', 'topic of commands (DEVICE_COMMAND_TOPIC; default: device_commands)')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for Kafka')
        .argParser(parseDuration)
        .default(30_000, '30s'),
    )
    .option('--verbose', 'log on stderr what the Kafka client does, and the cause of an error');
}

/** Flags before the environment, before the .env file, before defaults. */
export function readOptions(options: CommonOptions): EnvironmentOptions {
  const settings = readKafkaOptions(process.env, {
    flags: {
      PUSHER_BACKEND: options.backend,
      KAFKA_BOOTSTRAP_SERVERS: options.brokers,
      DEVICE_COMMAND_TOPIC: options.commandTopic,
      DEVICE_WAITING_TOPIC: options.waitingTopic,
      DEVICE_EVENT_TOPIC: options.eventTopic,
      DEVICE_DEAD_LETTER_TOPIC: options.deadLetterTopic,
      DEVICE_SETTINGS_TOPIC: options.settingsTopic,
      DEVICE_REPORTED_SETTINGS_TOPIC: options.reportedTopic,
    },
  });
  if (!options.verbose) return settings;
  return { ...settings, logger: pino({ level: 'debug' }, pino.destination({ dest: 2, sync: true })) };
}

import type { Environment, EnvironmentOptions } from '@preservarium/environment';
import { readKafkaOptions } from '@preservarium/environment';
import type { Command } from 'commander';
import { Option } from 'commander';
import { parseTimeout } from './duration.js';
import { createStderrLogger } from './stderr-logger.js';

/** The option that every command with variables has. */
export interface EnvFileOptions {
  readonly env?: string;
}

/** The options of every command that uses Kafka. */
export interface CommonOptions extends EnvFileOptions {
  readonly backend?: string;
  readonly brokers?: string;
  readonly commandTopic?: string;
  /** Only in commands that have the flag. */
  readonly waitingTopic?: string;
  /** Only in commands that have the flag. */
  readonly eventTopic?: string;
  /** Only in commands that have the flag. */
  readonly deadLetterTopic?: string;
  /** Only in commands that have the flag. */
  readonly settingsTopic?: string;
  /** Only in commands that have the flag. */
  readonly reportedTopic?: string;
  /** In milliseconds. */
  readonly timeout: number;
  readonly verbose?: true;
}

/** Adds the options of {@link CommonOptions} that every command has. */
export function addCommonOptions(command: Command): Command {
  return (
    command
      .optionsGroup('Kafka:')
      .option('--backend <name>', 'kafkajs, rdkafka or memory (PUSHER_BACKEND; default: kafkajs)')
      .option('--brokers <list>', 'host:port,... (KAFKA_BOOTSTRAP_SERVERS; default: localhost:9092)')
      .option('--command-topic <topic>', 'topic of commands (DEVICE_COMMAND_TOPIC; default: device_commands)')
      .addOption(
        new Option('--timeout <duration>', 'how long to wait for Kafka')
          .argParser(parseTimeout)
          .default(30_000, '30s'),
      )
      // Not --env-file: Node takes that for its own option, even after the script, and ends if there is no such file.
      .option('--env <file>', 'file of variables, such as .env (PUSHER_ENV_FILE; default: none)')
      .option('--verbose', 'log the Kafka client and the cause of an error on stderr')
  );
}

/** Returns the options as variables, which win over the environment. */
export function flagsOf({ env }: EnvFileOptions): Environment {
  return { PUSHER_ENV_FILE: env };
}

/**
 * Reads the Kafka settings: flags before the environment, before the file of variables, before defaults.
 *
 * @throws ConfigurationError if a value is wrong
 */
export function readOptions(options: CommonOptions): EnvironmentOptions {
  const settings = readKafkaOptions(process.env, {
    flags: {
      ...flagsOf(options),
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
  return options.verbose ? { ...settings, logger: createStderrLogger('debug') } : settings;
}

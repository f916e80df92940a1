import { messageSchemas } from './message-schemas.js';

/** Names of the topics of a gateway. */
export interface TopicNames {
  readonly commandTopic: string;
  readonly eventTopic: string;
  readonly waitingTopic: string;
  readonly deadLetterTopic: string;
  readonly settingsTopic: string;
  readonly reportedSettingsTopic: string;
}

export const defaultTopicNames: TopicNames = {
  commandTopic: 'device_commands',
  eventTopic: 'device_command_events',
  waitingTopic: 'device_commands_waiting',
  deadLetterTopic: 'device_commands_dead',
  settingsTopic: 'device_settings',
  reportedSettingsTopic: 'device_settings_reported',
};

interface Topic {
  readonly address: string;
  readonly description: string;
  readonly message: string;
  /** By an application; connectors do the other one. */
  readonly action: 'send' | 'receive';
  readonly summary: string;
}

const key = { type: 'string', description: 'The device id: records of one device keep their order.' };

/** Returns the topics as an application sees them, as AsyncAPI 3. */
export function describeTopics(names: TopicNames): object {
  const topics = topicsOf(names);
  const entries = Object.entries(topics);
  const schemas = messageSchemas();
  const ref = (path: string) => ({ $ref: `#/${path}` });
  const message = (name: string, title: string, more: object = {}) => ({
    name,
    title,
    contentType: 'application/json',
    bindings: { kafka: { key, bindingVersion: '0.5.0' } },
    ...more,
  });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Preservarium Pusher',
      version: '1',
      description:
        'The topics of commands to IoT devices. Keys are device ids; values are JSON in UTF-8. Readers ignore fields that they do not know.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      entries.map(([channel, { address, description, message: name }]) => [
        channel,
        { address, description, messages: { [name]: ref(`components/messages/${name}`) } },
      ]),
    ),
    operations: Object.fromEntries(
      entries.map(([channel, { action, summary, message: name }]) => [
        `${action}${channel[0]?.toUpperCase()}${channel.slice(1)}`,
        {
          action,
          channel: ref(`channels/${channel}`),
          summary,
          messages: [ref(`channels/${channel}/messages/${name}`)],
        },
      ]),
    ),
    components: {
      messages: {
        command: message('command', 'Command', { payload: ref('components/schemas/command') }),
        lifecycleEvent: message('lifecycleEvent', 'Lifecycle event', {
          payload: ref('components/schemas/lifecycleEvent'),
        }),
        settings: message('settings', 'Settings', { payload: ref('components/schemas/settings') }),
        cancellation: message('cancellation', 'Cancellation', {
          headers: ref('components/schemas/cancellationHeaders'),
          payload: ref('components/schemas/cancellation'),
        }),
        deadLetter: message('deadLetter', 'Dead letter', {
          description: 'Key and value are those of the original record, byte for byte.',
          headers: ref('components/schemas/deadLetterHeaders'),
          payload: {},
        }),
      },
      schemas,
    },
  };
}

function topicsOf(names: TopicNames): Readonly<Record<string, Topic>> {
  return {
    commands: {
      address: names.commandTopic,
      description: 'Commands to devices.',
      message: 'command',
      action: 'send',
      summary: 'Push a command.',
    },
    events: {
      address: names.eventTopic,
      description: 'Lifecycle events of commands, which the connectors write.',
      message: 'lifecycleEvent',
      action: 'receive',
      summary: 'Follow commands.',
    },
    cancellations: {
      address: names.waitingTopic,
      description:
        'The log of waiting commands. An application writes cancellations; other records are for the connectors alone.',
      message: 'cancellation',
      action: 'send',
      summary: 'Cancel a command.',
    },
    settings: {
      address: names.settingsTopic,
      description: 'Desired settings; compacted, the newest record of a device that is not void counts.',
      message: 'settings',
      action: 'send',
      summary: 'Change the desired settings of a device.',
    },
    reportedSettings: {
      address: names.reportedSettingsTopic,
      description: 'Settings that devices report; compacted.',
      message: 'settings',
      action: 'receive',
      summary: 'Follow the reported settings.',
    },
    deadLetters: {
      address: names.deadLetterTopic,
      description: 'Commands that were given up.',
      message: 'deadLetter',
      action: 'receive',
      summary: 'Follow the commands that were given up.',
    },
  };
}

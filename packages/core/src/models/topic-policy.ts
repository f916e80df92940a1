import { ConfigurationError } from '../errors/errors.js';
import { compileTopicTemplate, type TopicTemplate } from './topic-template.js';

export interface TopicPolicyOptions {
  /**
   * Topics that a command may name. `{deviceId}` stands for the id of the command's device, `+` for any level and a last `#` for any further
   * ones: `devices/{deviceId}/#`. Default: each topic that has the device id as one whole level, does not begin with `$`, and is not one that
   * `filledTopics` give for another device.
   */
  readonly commandTopics?: readonly string[] | undefined;
  /**
   * Templates that the ids of a command fill, by the name of their option: the connector's topic for commands that name none, and the topic of
   * their answers. Default: none is checked.
   */
  readonly filledTopics?: Readonly<Record<string, string>> | undefined;
  /** Topics on which devices speak, as templates by the name of their option; no command may go there. Default: none. */
  readonly deviceTopics?: Readonly<Record<string, string>> | undefined;
  /** Further topics on which devices answer, but for those that `filledTopics` give with a shorter id. Default: none. */
  readonly answerTopics?: Readonly<Record<string, string>> | undefined;
}

/** Decides where a command may go, so that no command reaches another device or speaks for one. */
export interface TopicPolicy {
  /** Returns the reason why a command of the device may not go to the topic; undefined if it may. */
  problemOf(command: TopicOfCommand): string | undefined;
  /** Returns the reason why the ids cannot stand in the topics that templates give; undefined if they can. */
  problemOfIds(ids: IdsOfCommand): string | undefined;
}

interface TopicOfCommand {
  readonly deviceId: string;
  readonly topic: string;
}

interface IdsOfCommand {
  readonly deviceId: string;
  /** Default: that of settings, which the connector makes up. */
  readonly requestId?: string;
}

interface NamedTemplate {
  readonly option: string;
  readonly template: TopicTemplate;
}

type Matches = (levels: readonly string[], deviceId: string) => boolean;

/** Topics of commands where a connector's options name no others. */
export const defaultCommandTopics = {
  topicTemplate: 'devices/{deviceId}/commands',
  settingsTopicTemplate: 'devices/{deviceId}/settings',
} as const;

/** Topics of devices where a connector's options name no others. */
export const defaultDeviceTopics = {
  responseTopicTemplate: 'devices/{deviceId}/commands/{requestId}/response',
  reportedSettingsTopicTemplate: 'devices/{deviceId}/settings/reported',
  presenceTopicTemplate: 'devices/{deviceId}/status',
} as const;

/** @throws ConfigurationError for a template that cannot work */
export function createTopicPolicy(options: TopicPolicyOptions): TopicPolicy {
  const { commandTopics, filledTopics = {}, deviceTopics = {}, answerTopics = {} } = options;
  const allowed = commandTopics?.map(compileAllowed);
  const filled = Object.entries(filledTopics).map(([option, template]) =>
    compileTopicTemplate(option, template),
  );
  const reserved = compileNamed(deviceTopics);
  const answers = compileNamed(answerTopics);
  if (allowed?.length === 0) {
    throw new ConfigurationError('commandTopics: is empty; for example ["devices/{deviceId}/#"]');
  }

  function problemByDefault(levels: readonly string[], { deviceId, topic }: TopicOfCommand) {
    if (!isOfDevice(levels, deviceId)) return 'it does not have the device id as one whole level';
    // An id may be the name of a level that the topics of all devices have, or a level of the id of another device.
    const isOfOther = filled.some((template) => (template.read(topic)?.deviceId ?? deviceId) !== deviceId);
    return isOfOther ? 'it is that of another device' : undefined;
  }

  /** Of templates for ids with levels, that of the shortest id counts: `zigbee2mqtt/lamp/set` is where `lamp` is commanded, not where `lamp/set` answers. */
  function answerOn(topic: string) {
    if (answers.length === 0) return undefined;
    const fewest = Math.min(Number.MAX_VALUE, ...filled.map((template) => idLevels(template, topic)));
    return answers.find(({ template }) => idLevels(template, topic) <= fewest);
  }

  return {
    problemOf({ deviceId, topic }) {
      const said = reserved.find(({ template }) => template.read(topic) !== undefined) ?? answerOn(topic);
      if (said !== undefined) {
        return `${JSON.stringify(topic)} is a topic on which devices speak (${said.option})`;
      }
      const levels = topic.split('/');
      const rule =
        allowed === undefined
          ? problemByDefault(levels, { deviceId, topic })
          : allowed.some((matches) => matches(levels, deviceId))
            ? undefined
            : 'no template fits';
      if (rule === undefined) return undefined;
      return `${JSON.stringify(topic)} is not a topic for commands of device ${JSON.stringify(deviceId)}: ${rule}; allow it with commandTopics (MQTT_COMMAND_TOPICS)`;
    },
    problemOfIds({ deviceId, requestId = 'request' }) {
      for (const template of filled) {
        const problem = template.problemOf({ deviceId, requestId });
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

function compileNamed(templates: Readonly<Record<string, string>>): readonly NamedTemplate[] {
  return Object.entries(templates).map(([option, template]) => ({
    option,
    template: compileTopicTemplate(option, template),
  }));
}

/** Returns the number of levels of the device id in a topic; infinite where it is none of the template. */
function idLevels(template: TopicTemplate, topic: string): number {
  return template.read(topic)?.deviceId.split('/').length ?? Number.POSITIVE_INFINITY;
}

function isOfDevice(levels: readonly string[], deviceId: string): boolean {
  if (levels[0]?.startsWith('$')) return false;
  return (
    levels.includes(deviceId) || (deviceId.includes('/') && `/${levels.join('/')}/`.includes(`/${deviceId}/`))
  );
}

function compileAllowed(template: string): Matches {
  const wanted = template.split('/');
  const isOpen = wanted.at(-1) === '#';
  if (isOpen) wanted.pop();
  for (const level of wanted) {
    if (level === '{deviceId}' || level === '+' || !/[{}+#\0]/.test(level)) continue;
    throw new ConfigurationError(
      `commandTopics: ${JSON.stringify(template)} has the level "${level}", which is not {deviceId}, + or plain text; for example "devices/{deviceId}/#"`,
    );
  }
  return (given, deviceId) => {
    const levels = withIdAsOneLevel(given, wanted.indexOf('{deviceId}'), deviceId);
    if (isOpen ? levels.length < wanted.length : levels.length !== wanted.length) return false;
    // MQTT 5.0, section 4.7.2: what begins with $ is the broker's own.
    if (levels[0]?.startsWith('$') && levels[0] !== wanted[0]) return false;
    return wanted.every((level, index) => {
      if (level === '+') return true;
      return levels[index] === (level === '{deviceId}' ? deviceId : level);
    });
  };
}

/** An id may have levels of its own: `living_room/lamp`. */
function withIdAsOneLevel(levels: readonly string[], position: number, deviceId: string): readonly string[] {
  if (position < 0 || !deviceId.includes('/')) return levels;
  const count = deviceId.split('/').length;
  return levels.toSpliced(position, count, levels.slice(position, position + count).join('/'));
}

import { ConfigurationError } from '../errors/errors.js';
import { mqttText, topicProblem } from './mqtt-text.js';

const placeholders = ['deviceId', 'requestId'] as const;
type Placeholder = (typeof placeholders)[number];
const words = { deviceId: 'device id', requestId: 'request id' } as const;

/** Values in a topic for the placeholders of its template. */
interface TopicIds {
  readonly deviceId: string;
  readonly requestId?: string;
}

/** Levels that a device id may have where `{+deviceId}` stands for it. */
const maxIdLevels = 4;

/**
 * A topic for each device. A placeholder is a whole level, and what stands for it never more than that: so no device's topic is
 * another's, and none has wildcards. `{+deviceId}` takes an id of up to 4 levels: `living_room/lamp`.
 */
export interface TopicTemplate {
  /** The template as it was given. */
  readonly text: string;
  /** The topic filters that match the topics of all devices (MQTT 5.0, section 4.7). */
  readonly filters: readonly string[];
  names(placeholder: Placeholder): boolean;
  /** Returns the topic; undefined where {@link problemOf} has a problem. */
  fill(ids: Required<TopicIds>): string | undefined;
  /** Returns the reason why the ids cannot stand in a topic of this template; undefined if they can. */
  problemOf(ids: Required<TopicIds>): string | undefined;
  /** The ids in a topic; undefined where it is not one of this template's. */
  read(topic: string): TopicIds | undefined;
}

/** @param setting its name in messages. @throws ConfigurationError for a template that cannot work */
export function compileTopicTemplate(setting: string, template: string): TopicTemplate {
  const levels = template.split('/').map((text, index) => readLevel(setting, text, index));
  const positions = placeholders.map((name) => levels.findIndex((level) => level.placeholder === name));
  const [devicePosition = -1, requestPosition = -1] = positions;
  if (devicePosition < 0 || levels.filter(isPlaceholder).length > positions.filter((at) => at >= 0).length) {
    throw new ConfigurationError(
      `${setting}: must have {deviceId} once, and {requestId} once at most; for example "devices/{deviceId}/x"`,
    );
  }
  // Brokers take what begins with $ for their own ($SYS, $share).
  if (template.startsWith('$')) throw new ConfigurationError(`${setting}: must not begin with $`);
  const mostIdLevels = levels[devicePosition]?.takesLevels ? maxIdLevels : 1;
  const last = levels.at(-1);
  const ending = last !== undefined && !isPlaceholder(last) ? `${last.separator}${last.text}` : '';

  function fill(ids: Required<TopicIds>): string | undefined {
    let topic = '';
    for (const level of levels) {
      const { separator, text, placeholder } = level;
      const filled = placeholder === undefined ? text : ids[placeholder];
      if (placeholder !== undefined && levelProblem(level, filled) !== undefined) return undefined;
      topic += separator + filled;
    }
    return topic.startsWith('$') || topicProblem(topic) !== undefined ? undefined : topic;
  }

  return {
    text: template,
    filters: Array.from({ length: mostIdLevels }, (_, more) =>
      levels
        .map((level) =>
          isPlaceholder(level) ? `+${level.takesLevels ? '/+'.repeat(more) : ''}` : level.text,
        )
        .join('/'),
    ),
    names: (placeholder) => levels.some((level) => level.placeholder === placeholder),
    fill,
    problemOf(ids) {
      if (fill(ids) !== undefined) return undefined;
      for (const level of levels) {
        const { placeholder } = level;
        if (placeholder === undefined) continue;
        const problem = levelProblem(level, ids[placeholder]);
        if (problem !== undefined) return `the ${words[placeholder]} ${problem} (${setting}: ${template})`;
      }
      return `the ids make a topic that is too long or begins with $ (${setting}: ${template})`;
    },
    read(topic) {
      // Most topics are of other templates, and end in another way.
      if (!topic.endsWith(ending)) return undefined;
      const given = topic.split('/');
      const idLevels = given.length - levels.length + 1;
      if (idLevels < 1 || idLevels > mostIdLevels) return undefined;
      given.splice(
        devicePosition,
        idLevels,
        given.slice(devicePosition, devicePosition + idLevels).join('/'),
      );
      for (const [position, level] of levels.entries()) {
        const text = given[position] ?? '';
        if (isPlaceholder(level) ? hasEmptyLevel(text) : text !== level.text) return undefined;
      }
      const deviceId = given[devicePosition];
      if (deviceId === undefined) return undefined;
      const requestId = given[requestPosition];
      return requestId === undefined ? { deviceId } : { deviceId, requestId };
    },
  };
}

interface Level {
  /** The text before it. */
  readonly separator: string;
  readonly text: string;
  readonly placeholder?: Placeholder;
  /** True: what stands for the placeholder may have levels. */
  readonly takesLevels?: boolean;
}

function readLevel(setting: string, text: string, index: number): Level {
  const separator = index === 0 ? '' : '/';
  if (text === '{+deviceId}') return { separator, text, placeholder: 'deviceId', takesLevels: true };
  const placeholder = placeholders.find((name) => text === `{${name}}`);
  if (placeholder !== undefined) return { separator, text, placeholder };
  if (/[{}]/.test(text)) {
    throw new ConfigurationError(
      `${setting}: "${text}" is not {deviceId}, {+deviceId} or {requestId} as a whole level; for example "devices/{deviceId}/x"`,
    );
  }
  if (/[+#]/.test(text)) throw new ConfigurationError(`${setting}: must have no wildcards (+ or #)`);
  if (!mqttText.test(text)) throw new ConfigurationError(`${setting}: must have no control characters`);
  return { separator, text };
}

function isPlaceholder({ placeholder }: Level): boolean {
  return placeholder !== undefined;
}

function levelProblem({ takesLevels }: Level, text: string): string | undefined {
  if (/[+#]/.test(text)) return `${JSON.stringify(text)} has a wildcard (+ or #)`;
  if (!mqttText.test(text)) return `${JSON.stringify(text)} has control characters or non-characters`;
  if (hasEmptyLevel(text)) return `${JSON.stringify(text)} is empty or has an empty level`;
  if (!text.includes('/')) return undefined;
  if (takesLevels !== true)
    return `${JSON.stringify(text)} has a "/", which {+deviceId} in the template allows`;
  return text.split('/').length <= maxIdLevels
    ? undefined
    : `${JSON.stringify(text)} has more than ${maxIdLevels} levels`;
}

function hasEmptyLevel(text: string): boolean {
  return text === '' || text.startsWith('/') || text.endsWith('/') || text.includes('//');
}

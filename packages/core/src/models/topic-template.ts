import { ConfigurationError } from '../errors/errors.js';

const placeholders = ['deviceId', 'requestId'] as const;
type Placeholder = (typeof placeholders)[number];

/** Values in a topic for the placeholders of its template. */
interface TopicIds {
  readonly deviceId: string;
  readonly requestId?: string;
}

/**
 * A topic for each device. A placeholder is a whole level, and what stands for it never more than that: so no device's topic is
 * another's, and none has wildcards.
 */
export interface TopicTemplate {
  /** The topic filter that matches the topics of all devices (MQTT 5.0, section 4.7). */
  readonly filter: string;
  names(placeholder: Placeholder): boolean;
  /** undefined where an id cannot be a level of a topic: it is empty, or has one of `+ # /` or NUL. */
  fill(ids: Required<TopicIds>): string | undefined;
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

  return {
    filter: levels.map((level) => (isPlaceholder(level) ? '+' : level.text)).join('/'),
    names: (placeholder) => levels.some((level) => level.placeholder === placeholder),
    fill(ids) {
      let topic = '';
      for (const { separator, text, placeholder } of levels) {
        const level = placeholder === undefined ? text : ids[placeholder];
        if (placeholder !== undefined && !isLevel(level)) return undefined;
        topic += separator + level;
      }
      return topic.startsWith('$') ? undefined : topic;
    },
    read(topic) {
      const given = topic.split('/');
      if (given.length !== levels.length) return undefined;
      for (const [position, { text, placeholder }] of levels.entries()) {
        if (placeholder === undefined ? given[position] !== text : given[position] === '') return undefined;
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
}

function readLevel(setting: string, text: string, index: number): Level {
  const separator = index === 0 ? '' : '/';
  const placeholder = placeholders.find((name) => text === `{${name}}`);
  if (placeholder !== undefined) return { separator, text, placeholder };
  if (/[{}]/.test(text)) {
    throw new ConfigurationError(
      `${setting}: "${text}" is not {deviceId} or {requestId} as a whole level; for example "devices/{deviceId}/x"`,
    );
  }
  if (/[+#\0]/.test(text)) throw new ConfigurationError(`${setting}: must have no wildcards (+ or #)`);
  return { separator, text };
}

function isPlaceholder({ placeholder }: Level): boolean {
  return placeholder !== undefined;
}

function isLevel(text: string): boolean {
  return text !== '' && !/[+#/\0]/.test(text);
}

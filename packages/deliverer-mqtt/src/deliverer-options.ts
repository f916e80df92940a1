import { randomUUID } from 'node:crypto';
import { type Logger, readTls, silentLogger, type TlsSource } from '@preservarium/backend';
import {
  ConfigurationError,
  compileTopicTemplate,
  createTopicPolicy,
  defaultCommandTopics,
  defaultDeviceTopics,
} from '@preservarium/core';
import type { FormatCommand } from '@preservarium/deliverer';
import { compileDeviceTypes, type MqttDeviceTypes } from './mqtt-device-types.js';

export interface MqttDelivererOptions {
  /**
   * The broker: `mqtt://host:1883`, or with TLS `mqtts://host:8883`; over WebSocket `ws://host:8080/mqtt` or `wss://host/mqtt`, with path and query.
   * Without credentials.
   */
  readonly url: string;
  /** 5, or 4 for MQTT 3.1.1. Default 5. */
  readonly protocolVersion?: 5 | 4;
  /**
   * A name that stays the same over restarts and that no other connector has. With it the broker keeps the answers that come
   * while this connector is away. It connects twice, as `<clientId>-commands` and `<clientId>-answers`. Default: a new name each
   * time; answers are then kept for as long as the connection lasts.
   */
  readonly clientId?: string;
  /** Headers of the request that opens a WebSocket, for example a token. Default: none. */
  readonly webSocketHeaders?: Readonly<Record<string, string>>;
  readonly username?: string;
  /** A function is called for each connection: the password may be changed. */
  readonly password?: string | (() => string);
  /** Authorities and client certificate for `mqtts:`. Default: the system's authorities, no certificate. */
  readonly tls?: TlsSource;
  /**
   * Where commands go that name no topic. `{deviceId}` must and `{requestId}` may stand for a whole level; `{+deviceId}`, here and in the
   * other templates, takes ids of up to 4 levels, such as `living_room/lamp`. Default
   * `devices/{deviceId}/commands`.
   */
  readonly topicTemplate?: string;
  /**
   * Topics that a command may name: templates with `{deviceId}`, `+` and a last `#`. A command with another topic is rejected, as is one
   * with a topic on which devices speak. Default: each topic that has the device id as one whole level, does not begin with `$`, and is
   * not one where the commands or settings of another device go.
   */
  readonly commandTopics?: readonly string[];
  /**
   * Quality of service of commands that name none. A command that asks for 0 is sent with 1: with 0 nothing would prove that even
   * the broker has it. Default 1.
   */
  readonly qos?: 1 | 2;
  /** True: the broker keeps the last command of each topic for later subscribers, unless the command says otherwise. Default `false`. */
  readonly retain?: boolean;
  /**
   * MQTT 3.1.1: true allows retained commands that expire. They are taken away at their expiry as long as this process runs; a device that subscribes later than that while no
   * connector runs receives them. Default `false`: they are rejected.
   */
  readonly retainExpiring?: boolean;
  /**
   * Field of the JSON payload that says when a command expires, in ISO 8601, so that a device can refuse it; MQTT 5 says it in the user property
   * `expires_at` as well. Default: none.
   */
  readonly expiresAtField?: string;
  /**
   * Where devices answer. `{requestId}` may be left out with MQTT 5, where correlation data says it. Default
   * `devices/{deviceId}/commands/{requestId}/response`.
   */
  readonly responseTopicTemplate?: string;
  /**
   * Where the settings of a device go, retained, so that a device that subscribes gets the newest. Default
   * `devices/{deviceId}/settings`.
   */
  readonly settingsTopicTemplate?: string;
  /** Where devices say what settings they have. Default `devices/{deviceId}/settings/reported`. */
  readonly reportedSettingsTopicTemplate?: string;
  /** Where a device, or the broker for it, says whether it is there. Default `devices/{deviceId}/status`. */
  readonly presenceTopicTemplate?: string;
  /** Words of a device that is there: the whole message, or the value of `presenceField`. Default `['online']`. */
  readonly presentWords?: readonly string[];
  /** Words of a device, or of the broker for it, that is away. Default `['offline']`. */
  readonly awayWords?: readonly string[];
  /** The message is a JSON object, and this field of it has the word, as text, number or boolean. Default: the message is the word. */
  readonly presenceField?: string;
  /**
   * MQTT 5: connectors that name the same group share the answers, so that each is reported once. With 3.1.1 each connector
   * reports every answer. Where devices may subscribe to anything, as with the ACL file of mosquitto, give it a name that they cannot guess: the
   * answers that the broker hands to a member without the right to read them are lost. Default `preservarium-pusher`.
   */
  readonly answerGroup?: string;
  /** How long the broker keeps answers for a connector that is away, in seconds (MQTT 5). Default 86,400. */
  readonly sessionExpirySeconds?: number;
  /** Larger answers are dropped, in bytes. Default 262,144. */
  readonly maxAnswerBytes?: number;
  /**
   * Commands sent and not yet acknowledged, unless the broker allows fewer (its Receive Maximum); the others wait for capacity.
   * Default 1,000.
   */
  readonly maxInFlight?: number;
  /** Deadline for a delivery, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Devices with topics and payloads of their own. Default: none. */
  readonly deviceTypes?: MqttDeviceTypes;
  /** Makes the payload. Default: JSON of the command's. */
  readonly formatCommand?: FormatCommand;
  /** Default: nothing is logged. Payloads never are. */
  readonly logger?: Logger;
  /** Milliseconds since 1970, for the expiry of commands. Default: the system's clock. */
  readonly clock?: () => number;
}

export type CompleteOptions = ReturnType<typeof readOptions>;

const protocols = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];

/** The settings with defaults. @throws ConfigurationError that names the setting, the problem and an example */
export function readOptions(settings: MqttDelivererOptions) {
  const { url, tls, clientId, protocolVersion = 5, qos = 1 } = settings;
  checkUrl(url, tls);
  if (tls !== undefined) readTls(tls);
  if (protocolVersion !== 4 && protocolVersion !== 5) {
    throw new ConfigurationError(`protocolVersion: ${protocolVersion} is not 5, or 4 for MQTT 3.1.1`);
  }
  if (qos !== 1 && qos !== 2) {
    throw new ConfigurationError(`qos: ${qos} is not 1 or 2, which the broker acknowledges; for example 1`);
  }
  if (clientId === '') throw new ConfigurationError('clientId: is empty; for example "connector-1"');
  const answerGroup = settings.answerGroup ?? 'preservarium-pusher';
  if (!/^[^+#/\0]+$/.test(answerGroup)) {
    throw new ConfigurationError(
      `answerGroup: ${JSON.stringify(answerGroup)} must be text without + # /; for example "connectors"`,
    );
  }
  const deviceTopics = {
    responseTopicTemplate: settings.responseTopicTemplate ?? defaultDeviceTopics.responseTopicTemplate,
    reportedSettingsTopicTemplate:
      settings.reportedSettingsTopicTemplate ?? defaultDeviceTopics.reportedSettingsTopicTemplate,
    presenceTopicTemplate: settings.presenceTopicTemplate ?? defaultDeviceTopics.presenceTopicTemplate,
  };
  const responses = compileTopicTemplate('responseTopicTemplate', deviceTopics.responseTopicTemplate);
  if (protocolVersion === 4 && !responses.names('requestId')) {
    throw new ConfigurationError(
      'responseTopicTemplate: needs {requestId} with MQTT 3.1.1, which has no correlation data; ' +
        'for example "devices/{deviceId}/commands/{requestId}/response"',
    );
  }
  const deviceSettings = compileTopicTemplate(
    'settingsTopicTemplate',
    settings.settingsTopicTemplate ?? defaultCommandTopics.settingsTopicTemplate,
  );
  if (deviceSettings.names('requestId')) {
    throw new ConfigurationError(
      'settingsTopicTemplate: must have no {requestId}, so that newer settings take the place of older ones; ' +
        'for example "devices/{deviceId}/settings"',
    );
  }
  const deviceTypes = compileDeviceTypes(settings.deviceTypes);
  const topics = {
    filledTopics: {
      topicTemplate: settings.topicTemplate ?? defaultCommandTopics.topicTemplate,
      settingsTopicTemplate: settings.settingsTopicTemplate ?? defaultCommandTopics.settingsTopicTemplate,
      ...deviceTypes.filledTopics,
    },
    deviceTopics,
    answerTopics: deviceTypes.answerTopics,
  };
  return {
    url,
    /** As messages have it: a query may hold a token or a signature. */
    shownUrl: url.replace(/\?.*$/s, '?…'),
    protocolVersion,
    clientId: clientId ?? `preservarium-${randomUUID()}`,
    keepsAnswers: clientId !== undefined,
    username: settings.username,
    password: settings.password,
    webSocketHeaders: settings.webSocketHeaders,
    tls,
    commands: compileTopicTemplate(
      'topicTemplate',
      settings.topicTemplate ?? defaultCommandTopics.topicTemplate,
    ),
    responses,
    deviceSettings,
    reportedSettings: compileTopicTemplate(
      'reportedSettingsTopicTemplate',
      deviceTopics.reportedSettingsTopicTemplate,
    ),
    presence: compileTopicTemplate('presenceTopicTemplate', deviceTopics.presenceTopicTemplate),
    presenceField: settings.presenceField,
    ...presenceWords(settings),
    namedTopics: createTopicPolicy({ ...topics, commandTopics: settings.commandTopics }),
    /** Of topics that the templates give: a request id may make one of a device's topics of them. */
    filledTopics: createTopicPolicy({ ...topics, commandTopics: ['#'] }),
    qos,
    retain: settings.retain ?? false,
    retainExpiring: settings.retainExpiring ?? false,
    expiresAtField: settings.expiresAtField,
    answerGroup,
    groupIsKnown: settings.answerGroup === undefined,
    sessionExpirySeconds: wholeNumber('sessionExpirySeconds', settings.sessionExpirySeconds, 86_400),
    maxAnswerBytes: wholeNumber('maxAnswerBytes', settings.maxAnswerBytes, 262_144),
    // A message id has 16 bits and is never 0.
    maxInFlight: wholeNumber('maxInFlight', settings.maxInFlight, 1_000, 65_535),
    timeoutMs: wholeNumber('timeoutMs', settings.timeoutMs, 10_000),
    deviceTypes,
    formatCommand: settings.formatCommand,
    logger: settings.logger ?? silentLogger,
    clock: settings.clock ?? Date.now,
  };
}

function presenceWords({ presentWords = ['online'], awayWords = ['offline'] }: MqttDelivererOptions) {
  const both = presentWords.find((word) => awayWords.includes(word));
  if (both !== undefined) {
    throw new ConfigurationError(
      `awayWords: ${JSON.stringify(both)} is in presentWords too; give each word one meaning, for example "offline"`,
    );
  }
  return { presentWords: new Set(presentWords), awayWords: new Set(awayWords) };
}

function checkUrl(url: string, tls: TlsSource | undefined): void {
  const { protocol = '', hostname = '', username, password, searchParams } = URL.parse(url) ?? {};
  if (!protocols.includes(protocol) || hostname === '') {
    throw new ConfigurationError(
      'url: is not the address of a broker; for example "mqtt://localhost:1883" or "wss://broker.example/mqtt"',
    );
  }
  if (username || password) {
    throw new ConfigurationError('url: holds credentials; give them as username and password');
  }
  // mqtt.js would take it for both connections, which would then end one another.
  if (searchParams?.has('clientId'))
    throw new ConfigurationError('url: names a clientId; give it as clientId');
  if (tls !== undefined && protocol !== 'mqtts:' && protocol !== 'wss:') {
    throw new ConfigurationError(
      'tls: is for an url with mqtts: or wss:, for example "mqtts://localhost:8883"',
    );
  }
}

function wholeNumber(name: string, value: number | undefined, otherwise: number, most = 2 ** 31 - 1): number {
  if (value === undefined) return otherwise;
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  throw new ConfigurationError(
    `${name}: ${value} is not a whole number from 1 to ${most}; for example ${otherwise}`,
  );
}

import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { BackendUnavailableError, ClosedError, ConfigurationError, PusherError } from '@preservarium/core';
import { type ConnectorPort, createInFlightDeliveries, type Deliverer } from '@preservarium/deliverer';
import { deliver } from './deliver.js';
import { type CompleteOptions, type MqttDelivererOptions, readOptions } from './deliverer-options.js';
import { createAnswerHandler, maxAnswersInFlight } from './mqtt-answers.js';
import { brokerAway } from './mqtt-broker-away.js';
import { brokerLimits } from './mqtt-broker-limits.js';
import { channelOf } from './mqtt-channel.js';
import { clearSettings } from './mqtt-clear-retained.js';
import { connectToBroker, type MqttConnection } from './mqtt-connection.js';
import { createPublisher, type MqttPublisher } from './mqtt-publisher.js';
import { retainedTopicOf } from './mqtt-retain.js';
import { createRetainedCommands } from './mqtt-retained-commands.js';
import { createSentCommands, type SentCommands } from './mqtt-sent-commands.js';
import { subscribeToAnswers, warnOfKnownGroup } from './mqtt-subscribe.js';
import { takeAcknowledgements } from './mqtt-take-acknowledgements.js';

/**
 * Delivers commands through an MQTT broker. It proves that the broker has a command (`gateway`); the answer of a device is
 * reported to the connector.
 *
 * It connects twice. Commands go over a connection without a session: what breaks with it is not sent again behind the connector's
 * back. Answers come over one with a session, where the connector's writing to Kafka holds up no command.
 *
 * @throws ConfigurationError when a setting cannot work
 */
export function createMqttDeliverer(settings: MqttDelivererOptions): Deliverer {
  const complete = readOptions(settings);
  const deliveries = createInFlightDeliveries();
  let connections: Connections | undefined;
  let closed: Promise<void> | undefined;
  const publisher = createPublisher({
    ...complete,
    onOverdue: () => connections?.commands.breakOff(),
  });
  const { closing } = deliveries;
  const dependencies = { settings: complete, publisher, closing };
  const retained = createRetainedCommands(dependencies);
  const sent = createSentCommands(complete.deviceTypes, complete);
  const means = { ...dependencies, retained, sent };
  closing.addEventListener('abort', () => publisher.disconnected('the MQTT deliverer is closed'));

  async function start(port: ConnectorPort, timeoutMs: number): Promise<void> {
    warnOfKnownGroup(complete);
    const commands = connectForCommands(complete, publisher);
    const { answers, drainAnswers } = connectForAnswers(complete, port, sent);
    connections = { commands, answers, drainAnswers };
    try {
      await withDeadline(Promise.all([commands.opened, answers.opened]), {
        doing: 'connect to the broker',
        timeoutMs,
        signal: closing,
        timedOut() {
          const cause = commands.lastError() ?? answers.lastError();
          if (PusherError.isInstance(cause)) return cause;
          return new BackendUnavailableError(
            `cannot connect to ${complete.shownUrl} within ${timeoutMs} ms: ${cause?.message ?? 'no answer'}; check the address and that the broker runs`,
            { cause },
          );
        },
      });
    } catch (error) {
      connections = undefined;
      await Promise.all([commands.close(0), answers.close(0)]);
      throw closing.aborted ? new ClosedError('the MQTT deliverer') : error;
    }
  }

  async function close(timeoutMs: number): Promise<void> {
    retained.close();
    const deadlineAtMs = performance.now() + timeoutMs;
    const answersDrained = connections?.drainAnswers() ?? Promise.resolve();
    await Promise.all([deliveries.drain(timeoutMs), settledWithin(answersDrained, timeoutMs)]);
    const leftMs = Math.max(0, deadlineAtMs - performance.now());
    await Promise.all([connections?.commands.close(leftMs), connections?.answers.close(leftMs)]);
  }

  return {
    protocol: 'mqtt',
    channelOf: (command) => channelOf(command, complete),
    async start(port, { timeoutMs }) {
      if (closed) throw new ClosedError('the MQTT deliverer');
      if (connections) throw new ConfigurationError('start: the MQTT deliverer is started already');
      await start(port, timeoutMs);
    },
    async deliver(command, context) {
      if (closed) return brokerAway('the MQTT deliverer is closed');
      return deliveries.track(deliver(command, context, means));
    },
    async clearSettings(deviceId) {
      if (!closed) await clearSettings(deviceId, means);
    },
    async withdraw(command) {
      const topic = retainedTopicOf(command, means);
      if (!closed && topic !== undefined) await retained.withdraw(topic);
    },
    isReady: () => !closed && connections?.commands.isOpen() === true && connections.answers.isOpen(),
    close({ timeoutMs }) {
      closed ??= close(timeoutMs);
      return closed;
    },
  };
}

interface Connections {
  readonly commands: MqttConnection;
  readonly answers: MqttConnection;
  /** Resolves when the connector has every answer that was taken from the broker. */
  drainAnswers(): Promise<void>;
}

function connectForCommands(settings: CompleteOptions, publisher: MqttPublisher): MqttConnection {
  const connection = connectToBroker({
    settings,
    purpose: 'commands',
    session: { clean: true },
    onConnect(client, connack) {
      const limits = brokerLimits(connack);
      if (limits.maxQos === 0) {
        throw new ConfigurationError(
          'the broker takes messages with QoS 0 only and acknowledges none; allow QoS 1',
        );
      }
      takeAcknowledgements(client.stream, publisher.acknowledged);
      publisher.connected(client.stream, limits);
    },
    onDisconnect: (blame) => publisher.disconnected('the connection to the broker was lost', blame),
  });
  connection.client.on('packetreceive', publisher.received);
  return connection;
}

function connectForAnswers(
  settings: CompleteOptions,
  port: ConnectorPort,
  sent: SentCommands,
): Omit<Connections, 'commands'> {
  const { keepsAnswers, protocolVersion, sessionExpirySeconds, maxAnswerBytes } = settings;
  const answers = connectToBroker({
    settings,
    purpose: 'answers',
    session: {
      clean: !keepsAnswers,
      ...(protocolVersion === 5 && {
        properties: {
          ...(keepsAnswers && { sessionExpiryInterval: sessionExpirySeconds }),
          receiveMaximum: maxAnswersInFlight,
          maximumPacketSize: maxAnswerBytes + maxTopicAndPropertiesBytes,
        },
      }),
    },
    onConnect: (client, connack) =>
      subscribeToAnswers(client, connack, settings, { withPresence: port.presence !== undefined }),
    onDisconnect() {},
  });
  const handler = createAnswerHandler(answers.client, port, settings, sent);
  answers.client.handleMessage = handler.handleMessage;
  return { answers, drainAnswers: handler.drain };
}

/** Beyond this the broker itself drops a message, so that none fills the memory. */
const maxTopicAndPropertiesBytes = 131_072;

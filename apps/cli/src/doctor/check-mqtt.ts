import type { Broker } from './broker.js';
import { isLoopback } from './check-kafka-access.js';
import { type Finding, fail, warn } from './finding.js';

/** The largest command that Kafka takes by default, in bytes. */
const largestCommand = 1_000_000;

/** Checks the access, the limits and the rights at an MQTT broker. */
export function checkMqtt(broker: Broker): readonly Finding[] {
  return [...checkListener(broker), ...checkLimits(broker), ...checkRights(broker)];
}

function checkListener({ url, takesAnonymous }: Broker): readonly Finding[] {
  const subject = `broker ${url.host}`;
  const isLocal = isLoopback(url.hostname);
  const hasTls = url.protocol === 'mqtts:' || url.protocol === 'wss:';
  const anonymous = {
    subject,
    what: `it takes clients without a login${isLocal ? '' : ', and is not on loopback'}`,
    why: 'each client that reaches it can speak for each device and read all commands',
    run: 'allow_anonymous false in mosquitto.conf, and a login for each device',
  };
  const clear = {
    subject,
    what: 'it is reached without TLS, and is not on loopback',
    why: 'the network can read commands and passwords, and change them',
    run: 'give the listener a certificate (certfile, keyfile in mosquitto.conf); then MQTT_URL=mqtts://…',
  };
  return [
    ...(takesAnonymous ? [isLocal ? warn(anonymous) : fail(anonymous)] : []),
    ...(hasTls || isLocal ? [] : [fail(clear)]),
  ];
}

function checkLimits({ url, limits }: Broker): readonly Finding[] {
  const subject = `broker ${url.host}`;
  const { maximumPacketSize, maximumQoS, retainAvailable, wildcardSubscriptionAvailable } = limits;
  const findings: Finding[] = [];
  if (maximumPacketSize !== undefined && maximumPacketSize < largestCommand) {
    findings.push(
      warn({
        subject,
        what: `its largest packet has ${maximumPacketSize} bytes`,
        why: 'larger commands are rejected',
        run: `max_packet_size ${2 * largestCommand} in mosquitto.conf, or smaller commands: limits.maxMessageBytes`,
      }),
    );
  }
  if (maximumQoS === 0) {
    findings.push(
      fail({
        subject,
        what: 'its highest quality of service is 0',
        why: 'it acknowledges no command, so none is ever delivered',
        run: 'max_qos 2 in mosquitto.conf',
      }),
    );
  }
  if (retainAvailable === false) {
    findings.push(
      warn({
        subject,
        what: 'it retains no messages',
        why: 'a device that comes back does not find its settings',
        run: 'retain_available true in mosquitto.conf, or CONNECTOR_SETTINGS=off',
      }),
    );
  }
  if (wildcardSubscriptionAvailable === false) {
    findings.push(
      fail({
        subject,
        what: 'it has no subscriptions with wildcards',
        why: 'connectors read no answers of devices',
        run: 'another broker, or another plan of this one',
      }),
    );
  }
  return findings;
}

function checkRights({ url, tried, foreignRights }: Broker): readonly Finding[] {
  const subject = `broker ${url.host}`;
  const run = 'an access control list: packages/deliverer-mqtt/README.md, "Access control"';
  if (tried === undefined) {
    return [
      warn({
        subject,
        what: 'the rights of devices were not tried',
        why: 'a device may speak for others',
        run: 'pusher doctor --mqtt-device USER --mqtt-device-password-file FILE, with the login of any one device',
      }),
    ];
  }
  return foreignRights.map(({ right, topic, why }) =>
    fail({ subject, what: `${tried} may ${right} ${topic}`, why, run }),
  );
}

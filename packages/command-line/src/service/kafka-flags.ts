import { kafkaVariables } from '@preservarium/environment';

const {
  KAFKA_BOOTSTRAP_SERVERS,
  PUSHER_BACKEND,
  DEVICE_COMMAND_TOPIC,
  DEVICE_SETTINGS_TOPIC,
  DEVICE_REPORTED_SETTINGS_TOPIC,
  DEVICE_WAITING_TOPIC,
  DEVICE_DEAD_LETTER_TOPIC,
  DEVICE_EVENT_TOPIC,
} = kafkaVariables;

/** The variables of Kafka that have a flag in every service; TLS and credentials are not given on a command line. */
export const kafkaFlags = {
  KAFKA_BOOTSTRAP_SERVERS,
  PUSHER_BACKEND: { ...PUSHER_BACKEND, meaning: 'Kafka client to use: kafkajs or rdkafka.' },
  DEVICE_COMMAND_TOPIC,
  DEVICE_SETTINGS_TOPIC,
  DEVICE_REPORTED_SETTINGS_TOPIC,
  DEVICE_WAITING_TOPIC,
  DEVICE_DEAD_LETTER_TOPIC,
  DEVICE_EVENT_TOPIC,
};

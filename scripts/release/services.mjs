import { startKafka, startMosquitto } from '../../packages/dev-services/dist/index.js';

/** Starts the real services that the installed programs talk to: Kafka (`brokers`) and an MQTT broker (`mqttUrl`). */
export async function startServices() {
  const [kafka, mosquitto] = await Promise.all([startKafka(), startMosquitto()]);
  return {
    brokers: kafka.brokers.join(','),
    mqttUrl: mosquitto.url,
    async [Symbol.asyncDispose]() {
      await Promise.all([kafka.stop(), mosquitto[Symbol.asyncDispose]()]);
    },
  };
}

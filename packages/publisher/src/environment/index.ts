export type { Environment } from './find-values.js';
export {
  type EnvironmentSettings,
  type ReadKafkaSettingsOptions,
  readKafkaSettings,
} from './read-kafka-settings.js';

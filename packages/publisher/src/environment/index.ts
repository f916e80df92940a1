export { describeVariables } from './describe-variables.js';
export type { Environment } from './find-values.js';
export { kafkaVariables } from './kafka-variables.js';
export {
  type EnvironmentSettings,
  type ReadKafkaSettingsOptions,
  readKafkaSettings,
} from './read-kafka-settings.js';
export { type ReadVariablesOptions, readVariables } from './read-variables.js';
export { oneOf, pemText, topicName, wholeNumber } from './value-rules.js';
export { exampleOf, type Variable, type Variables, type VariableValues } from './variable.js';

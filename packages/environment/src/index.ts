export { describeVariables } from './describe-variables.js';
export { envFileVariables } from './env-file.js';
export type { Environment } from './find-values.js';
export { DataError } from './json-data.js';
export { kafkaVariables } from './kafka-variables.js';
export { type ReadDataFileOptions, readDataFile } from './read-data-file.js';
export {
  type EnvironmentOptions,
  type ReadKafkaOptionsInput,
  readKafkaOptions,
} from './read-kafka-options.js';
export { maxFileBytes, readTextFile } from './read-text-file.js';
export { type ReadVariablesOptions, readVariables } from './read-variables.js';
export { readSecret } from './secret.js';
export { readTlsOptions, type TlsVariables, tlsVariables } from './tls-variables.js';
export { commaList, oneOf, pemText, topicName, webAddress, wholeNumber } from './value-rules.js';
export { exampleOf, type Variable, type Variables, type VariableValues } from './variable.js';
export { type WatchedFileOptions, watchedFile } from './watched-file.js';

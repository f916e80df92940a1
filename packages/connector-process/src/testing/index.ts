export {
  connectorArguments,
  type ProbeAnswer,
  type StartConnectorOptions,
  startConnector,
  type TestedConnector,
} from './start-connector.js';

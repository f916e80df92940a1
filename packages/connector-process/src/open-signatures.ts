import { policyFromFile } from '@preservarium/access';
import type { Logger } from '@preservarium/backend';
import { deviceTypesFromFile } from '@preservarium/capabilities';
import { openSigner } from '@preservarium/command-line/signing';
import type { ConnectorOptions } from '@preservarium/connector';
import { ConfigurationError } from '@preservarium/core';
import type { Variables } from '@preservarium/environment';
import { createRecordVerifier, verificationKeysFromFile } from '@preservarium/signing';
import type { ProcessOptions } from './read-options.js';

type Signatures = Pick<ConnectorOptions, 'signatures'>;

/**
 * Reads which signatures the connector needs, and the key of its own; all files are watched.
 *
 * @throws ConfigurationError where a file is missing or not valid, or the connector would refuse its own commands
 */
export function openSignatures(
  { connector, signing }: ProcessOptions<Variables>,
  logger: Logger,
): Signatures {
  const { CONNECTOR_SIGNATURES: mode, CONNECTOR_TRUSTED_KEYS: path } = connector;
  if (mode === 'off') return {};
  if (path === undefined) {
    throw new ConfigurationError(
      `CONNECTOR_SIGNATURES is ${mode} and CONNECTOR_TRUSTED_KEYS is not set: no signature could be verified; for example CONNECTOR_TRUSTED_KEYS=/etc/pusher/trusted-keys.yaml`,
    );
  }
  const sign = openSigner(signing, logger);
  if (mode === 'enforce' && connector.CONNECTOR_SETTINGS === 'on' && sign === undefined) {
    throw new ConfigurationError(
      'CONNECTOR_SIGNATURES is enforce and PUSHER_SIGNING_KEY is not set: the connector would refuse its own commands for settings; name a key of the connector, or set CONNECTOR_SETTINGS=off',
    );
  }
  const policy = openPolicy(connector, logger);
  const keys = verificationKeysFromFile(path, { logger });
  return { signatures: { mode, verifier: createRecordVerifier({ keys, policy }), sign } };
}

function openPolicy(
  { CONNECTOR_POLICY: path, CONNECTOR_DEVICES: devices }: ProcessOptions<Variables>['connector'],
  logger: Logger,
) {
  if (path === undefined) return undefined;
  if (devices === undefined) return policyFromFile(path, { logger });
  return policyFromFile(path, { logger, typeOf: deviceTypesFromFile(devices, { logger }) });
}

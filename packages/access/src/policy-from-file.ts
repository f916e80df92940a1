import type { Logger } from '@preservarium/backend';
import type { DeviceTypeDirectory } from '@preservarium/capabilities';
import { ConfigurationError } from '@preservarium/core';
import { readDataFile, watchedFile } from '@preservarium/environment';
import { createPolicy } from './create-policy.js';
import type { Policy } from './policy.js';

/**
 * Reads a policy from a file, YAML or JSON. A decision notices within two seconds that the file has changed; a version that is not valid is
 * logged as an error, and the last good one stays in use.
 *
 * @throws ConfigurationError that names the file and the place, when the first version is not valid
 */
export function policyFromFile(
  path: string,
  { logger, typeOf }: { readonly logger?: Logger | undefined; readonly typeOf?: DeviceTypeDirectory } = {},
): Policy {
  const read = () => createPolicy(contentOf(path), { what: `policy ${path}`, ...(typeOf && { typeOf }) });
  const policy = watchedFile({ path, name: 'policy', read, logger });
  return { decide: (request) => policy().decide(request), identity: () => policy().identity?.() };
}

function contentOf(path: string): unknown {
  try {
    return readDataFile(path);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`policy ${path}: cannot be read: ${problem}`, { cause });
  }
}

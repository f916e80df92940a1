import { assertTls, type TlsOptions } from '@preservarium/backend';
import { z } from 'zod';
import type { Environment } from './find-values.js';
import { parseValues } from './parse-values.js';
import { findVariables, type ReadVariablesOptions } from './read-variables.js';
import { keepLastGood } from './secret.js';
import { pemText } from './value-rules.js';
import type { Variable } from './variable.js';

type OptionalText = z.ZodType<string | undefined, string | undefined>;

export type TlsVariables<Prefix extends string> = {
  readonly [Part in 'CA' | 'CERT' | 'KEY' | 'KEY_PASSWORD' as `${Prefix}_${Part}`]: Variable & {
    readonly rule: OptionalText;
  };
};

/**
 * Returns the variables of a TLS client: `<PREFIX>_CA`, `_CERT`, `_KEY` and `_KEY_PASSWORD`.
 *
 * @param folder a part of the paths in the examples
 */
export function tlsVariables<Prefix extends string>(prefix: Prefix, folder: string): TlsVariables<Prefix> {
  const rule: OptionalText = pemText.optional();
  const variables = {
    [`${prefix}_CA`]: {
      rule,
      meaning: "PEM of the certificate authorities to trust in place of the system's.",
      example: `/etc/${folder}/ca.pem`,
      file: true,
    },
    [`${prefix}_CERT`]: {
      rule,
      meaning: "PEM of the client's certificate.",
      example: `/etc/${folder}/client.pem`,
      file: true,
    },
    [`${prefix}_KEY`]: {
      rule,
      meaning: "PEM of the client's private key.",
      example: `/run/secrets/${folder}-client-key`,
      file: true,
      secret: true,
    },
    [`${prefix}_KEY_PASSWORD`]: {
      rule: z.string().optional(),
      meaning: 'Passphrase of that key, if it is encrypted.',
      example: `/run/secrets/${folder}-client-key-password`,
      file: true,
      secret: true,
    },
  };
  return variables as TlsVariables<Prefix>;
}

/**
 * Reads the variables of a TLS client. With files, the result is a function that reads them again: they may be renewed. A file that cannot be read then
 * leaves the last good version in use.
 *
 * @returns `undefined` if none of the variables is set
 * @throws ConfigurationError that names the variable, the file and what is wrong with it
 * @throws AuthenticationError if the client's certificate has expired
 */
export function readTlsOptions(
  prefix: string,
  environment: Environment = process.env,
  options: ReadVariablesOptions = {},
): TlsOptions | (() => TlsOptions) | undefined {
  const variables = tlsVariables(prefix, '');
  const read = () => {
    const found = findVariables(variables, environment, options);
    const values: Readonly<Record<string, string | undefined>> = parseValues(variables, found);
    const textOf = (part: string) => values[`${prefix}_${part}`];
    const nameOf = (part: string) => found.get(`${prefix}_${part}`)?.foundAs ?? `${prefix}_${part}`;
    const [ca, cert, key, passphrase] = ['CA', 'CERT', 'KEY', 'KEY_PASSWORD'].map(textOf);
    const tls = {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(passphrase && { passphrase }),
    };
    const names = {
      ca: nameOf('CA'),
      cert: nameOf('CERT'),
      key: nameOf('KEY'),
      passphrase: nameOf('KEY_PASSWORD'),
    };
    assertTls(tls, names);
    return { tls, isInFiles: [...found.values()].some(({ isInFile }) => isInFile) };
  };
  const { tls, isInFiles } = read();
  if (Object.keys(tls).length === 0) return undefined;
  return isInFiles ? keepLastGood(tls, () => read().tls) : tls;
}

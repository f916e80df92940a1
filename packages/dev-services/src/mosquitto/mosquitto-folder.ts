import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeServerCertificate } from '../kafka/certificates.js';
import { runCommand } from '../kafka/run-command.js';
import { findMosquitto } from './find-mosquitto.js';
import type { Mosquitto, StartMosquittoOptions } from './mosquitto.js';

export interface MosquittoFolder {
  readonly path: string;
  readonly configurationFile: string;
  readonly authority: Mosquitto['authority'];
}

/** A new folder with all that the broker reads and writes. */
export async function makeMosquittoFolder(
  { port, webSocketPort }: { readonly port: number; readonly webSocketPort: number | undefined },
  options: StartMosquittoOptions,
): Promise<MosquittoFolder> {
  const path = await mkdtemp(join(tmpdir(), 'preservarium-mosquitto-'));
  const write = async (name: string, text: string) => {
    const file = join(path, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const certificate = options.tls
    ? await makeServerCertificate({ validUntil: options.certificateUntil })
    : undefined;
  const authorityFile = certificate && (await write('authority.pem', certificate.authority));
  const tls = certificate
    ? [
        `certfile ${await write('certificate.pem', certificate.cert)}`,
        `keyfile ${await write('key.pem', certificate.key)}`,
      ]
    : [];
  const configurationFile = await write(
    'mosquitto.conf',
    [
      `listener ${port} 127.0.0.1`,
      // Started by root, it would become another user, who cannot read this folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      // By default it drops messages for a slow subscriber in silence. With 0, which stands for no limit, it also drops the
      // connection of whom it refuses a message.
      'max_queued_messages 1000000',
      'persistence true',
      `persistence_location ${path}/`,
      `allow_anonymous ${options.users === undefined}`,
      ...(options.users ? [`password_file ${await writePasswords(path, options.users)}`] : []),
      ...(options.accessControl
        ? [`acl_file ${await write('access', `${options.accessControl.join('\n')}\n`)}`]
        : []),
      ...tls,
      ...(options.configuration ?? []),
      // Behind all else: what follows a listener is of it alone. Mosquitto 2.0 does not start with such a listener alone.
      ...(webSocketPort === undefined
        ? []
        : [`listener ${webSocketPort} 127.0.0.1`, 'protocol websockets', ...tls]),
      '',
    ].join('\n'),
  );
  const authority =
    certificate && authorityFile ? { pem: certificate.authority, file: authorityFile } : undefined;
  return { path, configurationFile, authority };
}

async function writePasswords(folder: string, users: Readonly<Record<string, string>>): Promise<string> {
  const file = join(folder, 'passwords');
  await writeFile(file, '', { mode: 0o600 });
  for (const [name, password] of Object.entries(users)) {
    await runCommand(findMosquitto('mosquitto_passwd'), ['-b', file, name, password], { timeoutMs: 10_000 });
  }
  return file;
}

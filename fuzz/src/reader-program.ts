import { readFileSync, writeFileSync } from 'node:fs';
import { createCapabilities, deviceTypesFromFile, readDeviceTypes } from '@preservarium/capabilities';
import { type JsonValue, PusherError } from '@preservarium/core';
import { directoryFromFile } from '@preservarium/deliverer';
import { readKafkaOptions } from '@preservarium/environment';
import type { EntranceName } from './entrance-names.js';

/** Reads each content as an application or a program does. Anything but an error with a code ends it. */

const result = {
  type: 'object',
  properties: {
    text: { type: 'string', pattern: '^(a+)+$' },
    list: {
      type: 'array',
      uniqueItems: true,
      items: { anyOf: [{ type: 'string', format: 'email' }, { type: 'null' }] },
    },
    at: { type: 'string', format: 'uri' },
  },
  patternProperties: { '^([a-z]*)*$': true },
  additionalProperties: false,
};
const type = { name: 'lamp', commands: { read: { result, mayBeRepeated: true } }, settings: {} };
const capabilities = createCapabilities({ types: [type], typeOf: () => 'lamp' });

function check(path: string): void {
  let result: JsonValue;
  try {
    result = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return;
  }
  capabilities.checkResult({ deviceId: 'device-7', commandType: 'read', result });
}

const readers: Partial<Record<EntranceName, (path: string) => unknown>> = {
  'capabilities-file': (path) =>
    createCapabilities({ types: readDeviceTypes(path), typeOf: () => undefined }),
  'capabilities-check': check,
  'device-types-file': (path) => deviceTypesFromFile(path)('device-7'),
  'device-directory-file': (path) => directoryFromFile(path)('device-7'),
  'env-file': (path) => readKafkaOptions({}, { envFile: path }),
};

function readOne(name: EntranceName, path: string, content: Buffer): void {
  writeFileSync(path, content);
  try {
    readers[name]?.(path);
  } catch (error) {
    if (!PusherError.isInstance(error)) throw error;
  }
}

interface Task {
  readonly name: EntranceName;
  readonly path: string;
  readonly contents: readonly Uint8Array[];
}

process.on('message', ({ name, path, contents }: Task) => {
  const left = [...contents];
  // A turn of the event loop for each, so that the probe sees which one takes long.
  function next(): void {
    const content = left.pop();
    if (content === undefined) return void process.send?.('read');
    readOne(name, path, Buffer.from(content));
    setImmediate(next);
  }
  next();
});
process.once('SIGTERM', () => process.exit(0));

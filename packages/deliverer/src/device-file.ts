import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { DataError, readDataFile, watchedFile } from '@preservarium/environment';

export interface DeviceFileOptions<Content> {
  readonly path: string;
  /** Name of the file in messages: `device directory`. */
  readonly name: string;
  /** An entry, for messages. */
  readonly example: string;
  /** True: messages have nothing of the file but ids of devices. */
  readonly isSecret?: boolean;
  /** Reads the entry of a device, or of a prefix: text, or a list or an object of texts. */
  read(value: unknown, deviceId: string): { readonly content: Content } | { readonly problem: string };
  readonly logger?: Logger | undefined;
}

/**
 * Returns a function that gives the content of a file by device id: an object in YAML or JSON. It notices changes as `watchedFile` does.
 *
 * @throws ConfigurationError that names the file, the device and the problem, when the first version is not valid
 */
export function deviceFile<Content>(options: DeviceFileOptions<Content>): () => ReadonlyMap<string, Content> {
  const { path, name, example, isSecret = false, logger } = options;

  function readAll(): ReadonlyMap<string, Content> {
    const entries = readContent();
    if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
      throw invalid('is not an object with device ids');
    }
    const contents = new Map<string, Content>();
    for (const [deviceId, value] of Object.entries(entries)) {
      const entry =
        deviceId === '' ? { problem: 'the device id is not text' } : options.read(value, deviceId);
      if ('problem' in entry) throw invalid(`device ${JSON.stringify(deviceId)}: ${entry.problem}`);
      contents.set(deviceId, entry.content);
    }
    return contents;
  }

  function readContent(): unknown {
    try {
      return readDataFile(path, { textOnly: true });
    } catch (cause) {
      if (isSecret && cause instanceof DataError) throw invalid(`cannot be read: ${cause.brief}`);
      throw invalid(`cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
  }

  function invalid(problem: string, cause?: unknown): ConfigurationError {
    return new ConfigurationError(`${name} ${path}: ${problem}; ${example}`, { cause });
  }

  return watchedFile({ path, name, read: readAll, logger });
}

import type { Logger } from '@preservarium/backend';
import { describeStateError, isDamaged, isDiskFull, openStateFile } from '@preservarium/state-file';
import type { DocumentStore } from './document-store.js';
import { createDocumentTables, makeDocumentTables, tablesVersion } from './document-tables.js';
import { createMemoryDocuments } from './memory-documents.js';
import { createSqliteDocuments } from './sqlite-documents.js';

const fileName = 'settings.db';

export interface OpenDocumentsOptions {
  /** Undefined: the store is in memory. */
  readonly stateDir: string | undefined;
  /** Size of the rows in the file at which the store is full. */
  readonly maxStoreBytes: number;
  /**
   * Returns a text on which the content depends: a file with another one is made anew. It may change while the store is open; then the next start makes the file
   * anew. Undefined where that is not known: then each start does.
   */
  identity(): string | undefined;
  readonly logger: Logger;
  /** The file cannot be used any longer, for another reason than a full disk. */
  onFailed(error: unknown): void;
}

/**
 * Opens the store of settings: `settings.db` in its directory, which no other process can open meanwhile, or memory.
 *
 * @throws ConfigurationError where the directory cannot be used
 */
export function openDocuments(options: OpenDocumentsOptions): DocumentStore {
  const { stateDir } = options;
  return stateDir === undefined ? createMemoryDocuments() : openInFile(stateDir, options);
}

function openInFile(stateDir: string, options: OpenDocumentsOptions): DocumentStore {
  const { identity, logger, onFailed } = options;
  const content = contentOf(identity());
  const file = openStateFile({
    stateDir,
    fileName,
    content,
    cacheKib: 8_192,
    logger,
    messages: {
      anew: 'the file of settings is of other topics, keys or limits, or the machine stopped while it was open: all settings are read again',
      damaged: 'the file of settings is damaged: all settings are read again',
    },
    create: makeDocumentTables,
    check: (database) => createDocumentTables(database).readCounts(),
  });
  const { database } = file;
  let damage: unknown;

  return createSqliteDocuments({
    database,
    isFull: () => file.usedBytes() >= options.maxStoreBytes,
    beforeCommit() {
      if (contentOf(identity()) !== content) file.noteMixed();
    },
    onClose() {
      if (database.isOpen) file.close(damage);
    },
    onError(error) {
      if (isDamaged(error)) damage ??= error;
      const described = describeStateError(error, stateDir);
      if (described !== error && !isDiskFull(error)) onFailed(described);
      return described;
    },
  });
}

function contentOf(identity: string | undefined): string | undefined {
  return identity === undefined ? undefined : `${tablesVersion} ${identity}`;
}

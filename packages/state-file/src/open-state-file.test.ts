import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  damagedError,
  describeStateError,
  loadSqlite,
  openStateFile,
  type StateFile,
  type StateFileOptions,
} from './index.js';

let dir: string;
let logged: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-file-'));
  logged = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

const log = (_: object, message: string) => logged.push(message);
const messages = { anew: 'made anew', damaged: 'was damaged' };

function open(options: Partial<StateFileOptions> = {}): StateFile {
  return openStateFile({
    stateDir: dir,
    fileName: 'rows.db',
    content: 'first',
    cacheKib: 1_024,
    logger: { ...silentLogger, info: log, warn: log },
    messages,
    create: (database) => database.exec('create table kept (word text not null)'),
    check: (database) => database.prepare('select word from kept').all(),
    ...options,
  });
}

const add = ({ database }: StateFile, word: string) =>
  database.prepare('insert into kept values (?)').run(word);
const wordsOf = ({ database }: StateFile) =>
  database
    .prepare('select word from kept')
    .all()
    .map(({ word }) => word);

/** Writes a word, and closes the file. */
function fill(options?: Partial<StateFileOptions>): void {
  const file = open(options);
  add(file, 'before');
  file.close();
}

/** Opens the file again, and returns what it has and what was logged. */
function reopen(options?: Partial<StateFileOptions>) {
  const file = open(options);
  const words = wordsOf(file);
  file.close();
  return { words, logged };
}

/** Overwrites the file from a place on. */
function overwrite(path: string, from: number): void {
  const content = readFileSync(path);
  writeFileSync(path, content.fill('damage', from));
}

function markAsWrittenIn(boot: string | null): void {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(join(dir, 'rows.db'));
  database.prepare('update identity set written_in = ?').run(boot);
  database.close();
}

test('a file that was closed has its rows at the next opening', () => {
  fill();
  expect(reopen()).toEqual({ words: ['before'], logged: [] });
});

test('the file of a process that was killed has its rows', () => {
  const file = open();
  add(file, 'before');
  const copy = join(dir, 'copy');
  mkdirSync(copy);
  for (const name of ['rows.db', 'rows.db-wal']) cpSync(join(dir, name), join(copy, name));
  file.close();
  expect(reopen({ stateDir: copy })).toEqual({ words: ['before'], logged: [] });
});

test.each<[string, () => void, Partial<StateFileOptions>]>([
  ['of other content', () => fill(), { content: 'second' }],
  ['of unknown content', () => fill({ content: undefined }), { content: undefined }],
  ['of unknown content, opened with a known one', () => fill({ content: undefined }), {}],
  [
    'of mixed content',
    () => {
      const file = open();
      add(file, 'before');
      file.noteMixed();
      file.close();
    },
    {},
  ],
  [
    'that was open when the machine stopped',
    () => {
      fill();
      markAsWrittenIn('another start of the machine');
    },
    {},
  ],
])('a file %s is made anew', (_, make, options) => {
  make();
  expect(reopen(options)).toEqual({ words: [], logged: ['made anew'] });
  logged = [];
  const isKept = 'content' in options && options.content === undefined;
  expect(reopen(options).logged).toEqual(isKept ? ['made anew'] : []);
});

test.each<[string, (path: string) => void]>([
  ['is no database', (path) => writeFileSync(path, 'no database'.repeat(1_000))],
  ['was cut', (path) => truncateSync(path, 5_000)],
  ['is damaged where its rows are', (path) => overwrite(path, 8_192)],
])('a file that %s is made anew, with a warning', (_, damage) => {
  fill();
  damage(join(dir, 'rows.db'));
  expect(reopen()).toEqual({ words: [], logged: ['was damaged'] });
});

test.each([
  ['a row is not what was written', damagedError('another row')],
  ['the file is too short', Object.assign(new Error('disk I/O error'), { errcode: 522 })],
])('a file in which %s is made anew at the next opening', (_, damage) => {
  fill();
  open().close(damage);
  expect(logged).toEqual(['was damaged']);
  expect(reopen().words).toEqual([]);
});

test('a file that was closed is good for another start of the machine', () => {
  fill();
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(join(dir, 'rows.db'));
  expect(database.prepare('select written_in from identity').get()).toEqual({ written_in: null });
  database.close();
});

test('a file that is closed after another failure keeps its rows', () => {
  fill();
  open().close(new Error('the broker is away'));
  expect(reopen()).toEqual({ words: ['before'], logged: [] });
});

test('the files are for their user alone, whatever mode they had', () => {
  fill();
  chmodSync(join(dir, 'rows.db'), 0o666);
  const made = join(dir, 'made');
  open({ stateDir: made }).close();
  expect(statSync(made).mode & 0o777).toBe(0o700);
  rmSync(made, { recursive: true });
  const file = open();
  add(file, 'now');
  const modes = readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mode & 0o777]);
  expect(modes).toEqual([
    ['rows.db', 0o600],
    ['rows.db-wal', 0o600],
  ]);
  file.close();
});

test.each<[string, () => string, string]>([
  ['a file in use', () => dir, 'another process uses'],
  [
    'a directory that cannot be made',
    () => {
      writeFileSync(join(dir, 'file'), '');
      return join(dir, 'file');
    },
    'cannot be used',
  ],
])('%s is an error that names the variable and keeps the cause', (_, place, text) => {
  const file = open();
  expect(() => open({ stateDir: place() })).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringMatching(new RegExp(`CONNECTOR_STATE_DIR.*${text}`)),
      cause: expect.any(Error),
    }),
  );
  file.close();
});

test('without a directory, and of another kind, an error is as it was', () => {
  const [full, other] = [
    Object.assign(new Error('database or disk is full'), { errcode: 13 }),
    new Error('no broker'),
  ];
  expect(describeStateError(full, undefined)).toBe(full);
  expect(describeStateError(other, dir)).toBe(other);
  expect(describeStateError(full, dir)).toMatchObject({ code: 'CONFIGURATION_INVALID', cause: full });
});

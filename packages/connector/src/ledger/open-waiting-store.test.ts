import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLogger } from '@preservarium/backend';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStateDir, openStore, waitingCommand } from '../../test/waiting-stores.js';

let dir: ReturnType<typeof createStateDir>;
beforeEach(() => {
  dir = createStateDir();
});
afterEach(() => dir.clean());

function fill() {
  const store = openStore(dir.stateDir);
  store.of(0).add(waitingCommand(1));
  store.of(0).keep(() => 'checkpoint');
  store.close();
}

test('a store has at its next opening all that it had before, with the checkpoint', () => {
  fill();
  const store = openStore(dir.stateDir);
  expect(store.of(0).checkpoint()).toBe('checkpoint');
  expect([store.of(0).count(), store.of(1).checkpoint()]).toEqual([1, undefined]);
  store.close();
});

test('commands that another process left in flight wait again', () => {
  fill();
  const before = openStore(dir.stateDir);
  before.of(0).takeDue(1, 1);
  before.of(0).end(1);
  before.close();
  const store = openStore(dir.stateDir);
  store.of(0).resume();
  expect([store.of(0).count(), store.of(0).takeDue(1, 1)]).toEqual([1, ['d1']]);
  store.close();
});

test.each([
  ['in memory', false],
  ['in a file', true],
])(
  'a store %s keeps no checkpoint while nothing waits: the changelog is read from its base',
  (_, isInFile) => {
    const store = openStore(isInFile ? dir.stateDir : undefined);
    const neverCalled = () => {
      throw new Error('the checkpoint was written');
    };
    store.of(0).keep(neverCalled);
    store.of(0).add(waitingCommand(1));
    store.of(0).remove(1);
    store.of(0).keep(neverCalled);
    expect(store.of(0).checkpoint()).toBeUndefined();
    store.close();
  },
);

test('the files are for their user alone, while they are open, too', () => {
  const modes = () =>
    readdirSync(dir.stateDir).map((name) => statSync(join(dir.stateDir, name)).mode & 0o777);
  const store = openStore(dir.stateDir);
  expect(modes()).toEqual([0o600, 0o600]);
  store.close();
  expect(modes()).toEqual([0o600]);
});

test('a second process gets an error that names the variable', () => {
  const store = openStore(dir.stateDir);
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    try {
      new DatabaseSync(${JSON.stringify(join(dir.stateDir, 'waiting.db'))}).exec('begin immediate');
      console.log('open');
    } catch (error) {
      console.log(error.message);
    }`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('database is locked\n');
  expect(() => openStore(dir.stateDir)).toThrow(
    expect.objectContaining({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('CONNECTOR_STATE_DIR'),
    }),
  );
  store.close();
});

test('a damaged file is made anew, with a warning', () => {
  fill();
  const path = join(dir.stateDir, 'waiting.db');
  for (const damage of [() => writeFileSync(path, 'no database'), () => truncateSync(path, 5_000)]) {
    damage();
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => warnings.push(message) };
    const store = openStore(dir.stateDir, { logger });
    expect(warnings).toEqual(['the store is damaged: it is read from the changelog again']);
    expect(store.of(0).checkpoint()).toBeUndefined();
    store.of(0).add(waitingCommand(1));
    store.close();
  }
});

test('a file that lost its end, beside the log of a process that was killed, is made anew', () => {
  const before = openStore(dir.stateDir);
  before.of(0).add(waitingCommand(1));
  before.of(0).keep(() => 'checkpoint'.repeat(20_000));
  before.close();
  const open = openStore(dir.stateDir);
  const killed = join(dir.stateDir, 'killed');
  mkdirSync(killed);
  for (const name of ['waiting.db', 'waiting.db-wal']) {
    copyFileSync(join(dir.stateDir, name), join(killed, name));
  }
  open.close();
  const path = join(killed, 'waiting.db');
  truncateSync(path, Math.floor(statSync(path).size / 2));
  const store = openStore(killed);
  expect([store.of(0).checkpoint(), store.of(0).count()]).toEqual([undefined, 0]);
  store.close();
});

test('a store of other topics or limits is made anew', () => {
  fill();
  const store = openStore(dir.stateDir, { identity: 'another group' });
  expect([store.of(0).checkpoint(), store.of(0).count()]).toEqual([undefined, 0]);
  store.close();
});

test('a store that was open when the machine stopped is made anew; one that was closed, or whose process was killed, is not', () => {
  fill();
  const path = join(dir.stateDir, 'waiting.db');
  const writtenIn = (boot: string | null) => {
    const database = new DatabaseSync(path);
    database.prepare('update identity set written_in = ?').run(boot);
    database.close();
  };
  const checkpointAfter = (boot: string | null) => {
    writtenIn(boot);
    const store = openStore(dir.stateDir);
    const checkpoint = store.of(0).checkpoint();
    store.close();
    return checkpoint;
  };
  const thisBoot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  expect(checkpointAfter(null)).toBe('checkpoint');
  expect(checkpointAfter(thisBoot)).toBe('checkpoint');
  expect(checkpointAfter('another one')).toBeUndefined();
});

test('a directory that cannot be made is an error that names the variable', () => {
  writeFileSync(join(dir.stateDir, 'file'), '');
  chmodSync(join(dir.stateDir, 'file'), 0o600);
  expect(() => openStore(join(dir.stateDir, 'file'))).toThrow(/CONNECTOR_STATE_DIR/);
});

test('is full at its limits, and still takes more', () => {
  const inMemory = openStore(undefined, { maxWaiting: 3 });
  expect([inMemory.isFull(2), inMemory.isFull(3)]).toEqual([false, true]);
  inMemory.close();
  const store = openStore(dir.stateDir, { maxStoreBytes: 1 });
  expect(store.isFull(0)).toBe(true);
  expect(store.of(0).add(waitingCommand(1))).toBe(true);
  store.close();
});

test('other files of its directory count, such as that of the settings', () => {
  const full = openStore(dir.stateDir, { maxStoreBytes: 1_000_000 });
  expect(full.isFull(0)).toBe(false);
  full.close();
  writeFileSync(join(dir.stateDir, 'settings.db'), Buffer.alloc(1_000_000));
  const store = openStore(dir.stateDir, { maxStoreBytes: 1_000_000 });
  expect(store.isFull(0)).toBe(true);
  store.close();
});

test('a file that turns out to be damaged later is made anew at the next opening', () => {
  fill();
  const store = openStore(dir.stateDir);
  store.close(Object.assign(new Error('database disk image is malformed'), { errcode: 11 }));
  const next = openStore(dir.stateDir);
  expect(next.of(0).checkpoint()).toBeUndefined();
  next.of(0).add(waitingCommand(1));
  next.close(Object.assign(new Error('disk I/O error'), { errcode: 522 }));
  const last = openStore(dir.stateDir);
  expect(last.of(0).count()).toBe(0);
  last.close();
});

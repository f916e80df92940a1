import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateDir, type NewCommand, openStore, waitingCommand } from '../../test/waiting-stores.js';
import type { WaitingCommand, WaitingStore } from './waiting-store.js';

const offset = fc.nat({ max: 12 });
const device = fc.constantFrom('d1', 'd2');
const time = fc.nat({ max: 5 });

const step = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    offset,
    deviceId: device,
    priority: fc.nat({ max: 2 }),
    requestId: fc.constantFrom('r1', 'r2', 'r3'),
    supersedeKey: fc.constantFrom(undefined, 'key'),
    deadlineMs: time,
    issuedAtMs: time,
    isRedriven: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('supersede' as const, 'end' as const, 'remove' as const), offset }),
  fc.record({ kind: fc.constant('attempt' as const), offset, started: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('set due' as const), deviceId: device, atMs: time }),
  fc.record({ kind: fc.constant('take due' as const), atMs: time }),
  fc.constant({ kind: 'open again' as const }),
);

interface Known extends WaitingCommand {
  supersededBy: string | undefined;
  hasEnded: boolean;
  knownStarted: number;
}

/** The same as a list, to look through for each answer. */
function createModel() {
  const commands = new Map<number, Known>();
  const due = new Map<string, number | undefined>();
  const waiting = () => [...commands.values()].filter(({ hasEnded }) => !hasEnded);
  const isOutdated = (later: Known, earlier: Known) =>
    later.isRedriven && later.issuedAtMs < earlier.issuedAtMs;

  function add(command: NewCommand, changelogOffset: number): boolean {
    const known = commands.get(command.record.offset);
    if (known !== undefined) {
      const started = Math.max(known.attempts.started, command.attempts.started);
      const attempts = { ...known.attempts, started };
      commands.set(command.record.offset, {
        ...known,
        changelogOffset,
        attempts,
        knownStarted: command.attempts.started,
      });
      return false;
    }
    const { started: knownStarted } = command.attempts;
    commands.set(command.record.offset, {
      ...command,
      changelogOffset,
      supersededBy: undefined,
      hasEnded: false,
      knownStarted,
    });
    if (!due.has(command.deviceId)) due.set(command.deviceId, 0);
    return true;
  }

  function supersede(at: number): number | undefined {
    const own = commands.get(at);
    if (own?.supersedeKey === undefined) return undefined;
    const others = [...commands.values()]
      .filter(({ deviceId, supersedeKey }) => deviceId === own.deviceId && supersedeKey === own.supersedeKey)
      .sort((one, other) => one.record.offset - other.record.offset);
    const older = others.findLast(({ record }) => record.offset < at);
    const newer = others.find(({ record }) => record.offset > at);
    let first: number | undefined;
    const replace = (replaced: Known, by: Known) => {
      if (replaced.hasEnded || replaced.supersededBy !== undefined) return;
      replaced.supersededBy = by.requestId;
      first ??= replaced.record.offset;
    };
    if (newer !== undefined) isOutdated(newer, own) ? replace(newer, own) : replace(own, newer);
    if (older !== undefined) isOutdated(own, older) ? replace(own, older) : replace(older, own);
    return first;
  }

  function remove(at: number): void {
    const command = commands.get(at);
    commands.delete(at);
    const isLast = ![...commands.values()].some(({ deviceId }) => deviceId === command?.deviceId);
    if (command !== undefined && isLast) due.delete(command.deviceId);
  }

  return { commands, due, waiting, add, supersede, remove };
}

type Model = ReturnType<typeof createModel>;

function expectSame(store: WaitingStore, { commands, due, waiting }: Model): void {
  const of = store.of(0);
  const offsets = (list: readonly WaitingCommand[]) => list.map(({ record }) => record.offset);
  const inOrder = (list: readonly Known[], by: (command: Known) => number) =>
    offsets([...list].sort((one, other) => by(one) - by(other) || one.record.offset - other.record.offset));

  expect(of.count()).toBe(waiting().length);
  const pins = [...commands.values()].map(({ changelogOffset }) => changelogOffset);
  expect(of.firstPin()).toBe(pins.length === 0 ? undefined : Math.min(...pins));
  for (const deviceId of ['d1', 'd2']) {
    const own = waiting().filter((command) => command.deviceId === deviceId);
    expect(of.has(deviceId)).toBe(own.length > 0);
    const turns = inOrder(own, ({ priority }) => -priority);
    expect(offsets(of.next(deviceId, undefined, 99))).toEqual(turns);
    expect(of.first(deviceId)?.offset).toBe(turns[0]);
    const repeated = of.next(deviceId, undefined, 99).filter(({ mayHaveEarlier }) => mayHaveEarlier);
    const isRepeated = ({ requestId, record }: Known) =>
      own.some((other) => other.requestId === requestId && other.record.offset < record.offset);
    expect(new Set(offsets(repeated))).toEqual(new Set(offsets(own.filter(isRepeated))));
    for (const { priority, record } of own) {
      const { offset } = record;
      const behind = turns.slice(turns.indexOf(offset) + 1);
      expect(offsets(of.next(deviceId, { priority, offset }, 99))).toEqual(behind);
      expect(offsets(of.next(deviceId, { priority, offset }, 2))).toEqual(behind.slice(0, 2));
    }
    for (const requestId of ['r1', 'r2', 'r3']) {
      const [first] = inOrder(
        own.filter((command) => command.requestId === requestId),
        () => 0,
      );
      expect(of.find({ deviceId, requestId })?.record.offset).toBe(first);
      expect(of.offsetOf({ deviceId, requestId })).toBe(first);
    }
  }
  for (const { record, supersededBy, attempts } of waiting()) {
    expect(of.get(record.offset)).toMatchObject({ supersededBy, attempts });
  }
  const attempted = waiting().filter(({ attempts, knownStarted }) => attempts.started !== knownStarted);
  expect(offsets(of.attempted(-1, 99))).toEqual(inOrder(attempted, () => 0));
  const overdue = waiting().filter(({ deadlineMs }) => deadlineMs <= 3);
  expect(new Set(offsets(of.overdue(3, 99)))).toEqual(new Set(offsets(overdue)));
  const dueAtMs = [...due.values()].filter((at) => at !== undefined);
  // A device that is due at once has a time before all others.
  const nextDueMs = Math.max(0, of.nextDueMs() ?? Number.POSITIVE_INFINITY);
  expect(nextDueMs).toBe(Math.min(...dueAtMs, Number.POSITIVE_INFINITY));
}

test.each(['in memory', 'in a file'])('a store %s answers as a list of the commands would', (place) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { stateDir, clean } = createStateDir();
      const open = () => openStore(place === 'in a file' ? stateDir : undefined);
      const model = createModel();
      let store = open();
      let changelogOffset = 100;
      for (const given of steps) {
        const of = store.of(0);
        if (given.kind === 'add') {
          const { kind: _, offset, ...terms } = given;
          // One command stays one of its device, request id and so on, however often it is written.
          const known = model.commands.get(offset);
          const { started = 0 } = known?.attempts ?? {};
          const command = waitingCommand(offset, {
            ...terms,
            changelogOffset: changelogOffset++,
            attempts: { started, answered: 0, sent: started > 0 },
          });
          expect(of.add(command)).toBe(model.add(command, command.changelogOffset));
        } else if (given.kind === 'supersede') {
          expect(of.supersede(given.offset)).toBe(model.supersede(given.offset));
        } else if (given.kind === 'end') {
          const command = model.commands.get(given.offset);
          if (command !== undefined) command.hasEnded = true;
          of.end(given.offset);
        } else if (given.kind === 'remove') {
          model.remove(given.offset);
          of.remove(given.offset);
        } else if (given.kind === 'attempt') {
          const command = model.commands.get(given.offset);
          // A command that was sent stays so.
          const sent = given.started > 0 || command?.attempts.sent === true;
          const attempts = { started: given.started, answered: 0, sent };
          if (command !== undefined) model.commands.set(given.offset, { ...command, attempts });
          of.keepAttempts(given.offset, attempts);
        } else if (given.kind === 'set due') {
          of.setDue(given.deviceId, given.atMs);
          if (model.due.has(given.deviceId)) model.due.set(given.deviceId, given.atMs);
        } else if (given.kind === 'take due') {
          const taken = [...model.due].filter(([, at]) => at !== undefined && at <= given.atMs);
          expect(new Set(of.takeDue(given.atMs, 99))).toEqual(new Set(taken.map(([deviceId]) => deviceId)));
          for (const [deviceId] of taken) model.due.set(deviceId, undefined);
        } else if (place === 'in a file') {
          store.close();
          store = open();
          store.of(0).resume();
          for (const command of model.commands.values()) command.hasEnded = false;
          for (const [deviceId, at] of model.due) model.due.set(deviceId, at ?? 0);
        }
        expectSame(store, model);
      }
      store.close();
      clean();
    }),
    { numRuns: place === 'in a file' ? 50 : 200 },
  );
});

import { expect, test } from 'vitest';
import type { LastingProducer } from './rdkafka-lasting-producer.js';
import { createProducerChoice } from './rdkafka-producer-choice.js';

interface FakeProducer extends LastingProducer {
  isBusy: boolean;
  connections: number;
}

function fakeProducer({ connected = true } = {}): FakeProducer {
  let isConnected = connected;
  const emptied = Promise.withResolvers<void>();
  return {
    isBusy: false,
    connections: 0,
    async connect() {
      this.connections++;
      isConnected = true;
    },
    isConnected: () => isConnected,
    write: async () => [],
    renew() {},
    isDone() {
      return !this.isBusy;
    },
    empty() {
      setImmediate(() => {
        this.isBusy = false;
        emptied.resolve();
      });
      return emptied.promise;
    },
    close: async () => {},
  };
}

function start({ few = fakeProducer(), many = fakeProducer() } = {}) {
  return { few, many, choose: createProducerChoice({ few, many, connectWithinMs: 1_000 }) };
}

test('small batches go where each record is reported, and large ones where failures are', async () => {
  const { few, many, choose } = start();
  expect([1, 50, 51, 4_000, 1].map(choose)).toEqual([few, few, many, many, few]);
});

test('a large batch waits until nothing is left of the small ones before it', async () => {
  const { few, many, choose } = start();
  few.isBusy = true;
  const chosen = choose(1_000);
  expect(chosen).toBeInstanceOf(Promise);
  expect(few.isBusy).toBe(true);
  expect(await chosen).toBe(many);
  expect(few.isBusy).toBe(false);
});

test('a large batch does not wait for the connection, and goes with the small ones until it is there', async () => {
  const { few, many, choose } = start({ many: fakeProducer({ connected: false }) });
  expect(choose(1_000)).toBe(few);
  expect(many.connections).toBe(1);
  expect(choose(1_000)).toBe(many);
});

test('while a partition stalls, all batches stay with the producer that has its records, and wait no more', async () => {
  const { few, many, choose } = start();
  few.isBusy = true;
  few.empty = () => new Promise(() => {});
  expect(await choose(1_000)).toBe(few);
  expect(choose(1_000)).toBe(few);
  few.isBusy = false;
  expect(choose(1_000)).toBe(many);
  many.isBusy = true;
  expect(choose(1)).toBe(many);
});

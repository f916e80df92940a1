import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createOrderedAcknowledgements } from './mqtt-acknowledge-in-order.js';

function written(stream: PassThrough): string {
  return stream.read()?.toString('hex') ?? '';
}

test('messages are acknowledged in the order of their arrival, whichever is done first', () => {
  const stream = new PassThrough();
  const acknowledgements = createOrderedAcknowledgements();
  const [first, second, third] = [1, 0x1234, 65_535].map((id) => acknowledgements.arrived(stream, id));
  second?.();
  expect(written(stream)).toBe('');
  first?.();
  expect(written(stream)).toBe('4002000140021234');
  third?.();
  expect(written(stream)).toBe('4002ffff');
});

test('what came on a connection that is gone is not acknowledged on the next', () => {
  const [gone, next] = [new PassThrough(), new PassThrough()];
  const acknowledgements = createOrderedAcknowledgements();
  const old = acknowledgements.arrived(gone, 1);
  const again = acknowledgements.arrived(next, 1);
  gone.destroy();
  again();
  expect(written(next)).toBe('');
  old();
  expect(written(next)).toBe('40020001');
});

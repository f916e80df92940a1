import { formatPlace } from '@preservarium/dead-letters';
import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { collectPlaces, placeArgument } from './place.js';

test('places are read as they are printed', () => {
  expect(placeArgument('3:42')).toEqual({ partition: 3, offset: 42 });
  expect(formatPlace(placeArgument('0:9007199254740991'))).toBe('0:9007199254740991');
  expect(collectPlaces('1:2', collectPlaces('0:0'))).toEqual([
    { partition: 0, offset: 0 },
    { partition: 1, offset: 2 },
  ]);
});

test.each(['', '3', '3:', ':42', '3:-1', '3:4:5', '1.5:2', '0:9007199254740992'])('no place: %o', (text) => {
  expect(() => placeArgument(text)).toThrow(InvalidArgumentError);
});

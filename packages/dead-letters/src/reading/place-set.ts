import type { DeadLetterPlace } from '../redrive.js';

/** A set of places with bounded memory. */
export interface PlaceSet {
  add(place: DeadLetterPlace): void;
  /** Returns true for a place that was added, and for one that may have been and is forgotten. */
  has(place: DeadLetterPlace): boolean;
}

/** Places of a partition, in the order in which they were added. */
interface Known {
  readonly offsets: Set<number>;
  /** The highest offset that was forgotten. */
  forgottenTo: number;
}

/**
 * Creates an empty {@link PlaceSet}. Beyond `maxPlaces` the oldest place of a partition is forgotten: from then on, the set has all places before it.
 *
 * @param partitions others have no places: a record could name any number of them
 */
export function createPlaceSet(partitions: Iterable<number>, maxPlaces: number): PlaceSet {
  const known = new Map([...partitions].map((each): [number, Known] => [each, emptyPartition()]));
  let count = 0;

  return {
    add({ partition, offset }) {
      const places = known.get(partition);
      if (places === undefined || places.offsets.has(offset)) return;
      places.offsets.add(offset);
      count++;
      if (count <= maxPlaces) return;
      for (const oldest of places.offsets) {
        places.offsets.delete(oldest);
        places.forgottenTo = Math.max(places.forgottenTo, oldest);
        break;
      }
      count--;
    },
    has({ partition, offset }) {
      const places = known.get(partition);
      return places !== undefined && (offset <= places.forgottenTo || places.offsets.has(offset));
    },
  };
}

function emptyPartition(): Known {
  return { offsets: new Set(), forgottenTo: -1 };
}

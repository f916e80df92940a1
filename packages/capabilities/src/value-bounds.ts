import { maxJsonDepth } from '@preservarium/core';

/** Values (objects, arrays, texts, numbers, ...) that a payload, all settings of a push, or an answer may have to be checked. */
export const maxCheckedValues = 131_072;

/**
 * Returns why a value is too large or too deep to be checked; undefined for any other. Goes level by level, without recursion, and
 * ends at the limit.
 */
export function excessOf(value: unknown, maxValues: number = maxCheckedValues): string | undefined {
  let valuesLeft = maxValues - 1;
  let level = isContainer(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxJsonDepth) return describe(`is nested more than ${maxJsonDepth} levels deep`);
    const below: object[] = [];
    for (const container of level) {
      const children = Array.isArray(container) ? container : Object.values(container);
      valuesLeft -= children.length;
      if (valuesLeft < 0) return describe(`has more than ${maxValues} values`);
      for (const child of children) if (isContainer(child)) below.push(child);
    }
    level = below;
  }
  return undefined;
}

function describe(excess: string): string {
  return `${excess} and is not checked; send less`;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

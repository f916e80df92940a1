import { maxJsonDepth, maxNumberTexts } from '../limits.js';
import { isNestedDeeper } from './is-nested-deeper.js';

/**
 * The texts of numbers that JSON would write in another way than they came, by the object or array that has them: `1724442618569203714`,
 * `21.0`. Documents are merged member by member, so a text stays with its member and not with the whole.
 */
const texts = new WeakMap<object, ReadonlyMap<string, string>>();

type Reviver = (this: object, key: string, value: unknown, context: { readonly source?: string }) => unknown;

// TypeScript has no types of them yet.
const { parse, rawJSON: rawJson } = JSON as unknown as {
  readonly parse: (text: string, reviver: Reviver) => unknown;
  readonly rawJSON: (text: string) => object;
};

/** Finds all numbers that JSON writes in another way, and a few more, among them some in texts. */
const unusualNumbers =
  /[:,[\s](?:-0(?:\.0+)?|-?(?:\d+\.\d*0|0\.0{5}\d*|\d[\d.]{15,}|\d[\d.]*[eE][+-]?\d+))(?=[\s,\]}])/g;

/**
 * Parses JSON. Numbers whose text JSON would change keep it, unless there are more than {@link maxNumberTexts} of them: {@link exactNumbers} gives it to `JSON.stringify`, and `applyMergePatch`
 * takes it along.
 *
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return isContainer(value) && isExactOf(text) ? withNumberTexts(text, value) : value;
}

/** Returns a parser that keeps the texts of numbers in a member of the whole, and looks at no more than it has to. */
export function parserOfExact(name: string): (text: string) => unknown {
  const quoted = `"${name}"`;
  return (text) => {
    const value: unknown = JSON.parse(text);
    const at = text.indexOf(quoted);
    return isContainer(value) && at >= 0 && isExactOf(text.slice(at)) ? withNumberTexts(text, value) : value;
  };
}

/** Returns whether a text has numbers to keep, and no more than may be kept: each takes about as long as 20 values that are parsed. */
function isExactOf(text: string): boolean {
  let count = 0;
  for (const _ of text.matchAll(unusualNumbers)) if (++count > maxNumberTexts) return false;
  return count > 0;
}

function withNumberTexts(text: string, value: object): unknown {
  if (isNestedDeeper(value, maxJsonDepth + 1)) return value;
  return parse(text, function (key, item, { source }) {
    if (typeof item === 'number' && source !== undefined && needsText(item, source))
      setText(this, key, source);
    return item;
  });
}

/** Of a large integer, the text tells that a program did not round it. */
function needsText(value: number, source: string): boolean {
  return source !== String(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/**
 * Returns a value for `JSON.stringify`, which then writes each number as it was read. The value itself, where its numbers are plain.
 *
 * ```ts
 * JSON.stringify(exactNumbers(settings.desired));
 * ```
 */
export function exactNumbers(value: unknown): unknown {
  return isContainer(value) && hasTexts(value) ? withTexts(value) : value;
}

/** Looks before anything is copied: most values have none. */
function hasTexts(container: object): boolean {
  if (texts.has(container)) return true;
  if (Array.isArray(container)) return container.some((item) => isContainer(item) && hasTexts(item));
  for (const key in container) {
    const item = container[key as keyof typeof container];
    if (isContainer(item) && hasTexts(item)) return true;
  }
  return false;
}

function withTexts(container: object): object {
  const own = texts.get(container);
  const members = Object.entries(container).map(([key, item]: [string, unknown]): [string, unknown] => {
    const text = typeof item === 'number' ? own?.get(key) : undefined;
    return [key, text === undefined ? exactNumbers(item) : rawJson(text)];
  });
  return Array.isArray(container) ? members.map(([, item]) => item) : Object.fromEntries(members);
}

/** Notes for the numbers of `made` the texts that they have in the last of the sources that has the member. Returns `made`. */
export function keepNumberTexts<Made extends object>(made: Made, ...sources: readonly object[]): Made {
  if (!sources.some((source) => texts.has(source))) return made;
  for (const [key, item] of Object.entries(made)) {
    if (typeof item !== 'number') continue;
    const source = sources.findLast((each) => Object.hasOwn(each, key));
    const text = source && texts.get(source)?.get(key);
    if (text !== undefined) setText(made, key, text);
  }
  return made;
}

/** Returns the text of a number that JSON would write in another way. */
export function numberTextOf(container: object, key: string): string | undefined {
  return texts.get(container)?.get(key);
}

/**
 * Returns a member; a number that has more digits than a number of JavaScript holds is returned as text.
 *
 * @param container of {@link parseExactJson}
 */
export function exactMember(container: object, key: string): unknown {
  const value: unknown = Reflect.get(container, key);
  const text = typeof value === 'number' ? numberTextOf(container, key) : undefined;
  return text === undefined || decimalOf(text) === decimalOf(String(value)) ? value : text;
}

/** Returns whether two JSON objects have the same content. Numbers are compared with all their digits: `21.0` is `21`. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (!isContainer(one) || !isContainer(other)) return one === other;
  const entries = Object.entries(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    entries.length === Object.keys(other).length &&
    entries.every(([key]) => isSameMember(one, other, key))
  );
}

/** Returns whether two JSON objects have the same value at a key, as {@link isSameJson} compares. */
export function isSameMember(one: object, other: object, key: string): boolean {
  if (!Object.hasOwn(one, key) || !Object.hasOwn(other, key)) return false;
  const [mine, yours]: unknown[] = [Reflect.get(one, key), Reflect.get(other, key)];
  if (typeof mine !== 'number' || mine !== yours) return isSameJson(mine, yours);
  const [myText, yourText] = [numberTextOf(one, key), numberTextOf(other, key)];
  return myText === yourText || decimalOf(myText ?? String(mine)) === decimalOf(yourText ?? String(yours));
}

/** Returns one text for all ways to write a decimal number. */
function decimalOf(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = withoutZerosAtEnd(digits);
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

function setText(container: object, key: string, text: string): void {
  const known = texts.get(container) as Map<string, string> | undefined;
  if (known === undefined) texts.set(container, new Map([[key, text]]));
  else known.set(key, text);
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

// Finds what a change of a JSON Schema breaks for who writes or reads it.

/**
 * Returns the changes that break writers of a schema (`writes`) or readers (`reads`), one line for each: the place in the value, and what changed there.
 *
 * @param {{ schema: unknown, document: object }} base
 * @param {{ schema: unknown, document: object }} head
 * @param {{ writes: boolean, reads: boolean }} uses who depends on it
 * @returns {string[]}
 */
export function breakingSchemaChanges(base, head, uses) {
  const found = [];
  const seen = new Set();
  compare(base.schema, head.schema, '');
  return found;

  function compare(givenBase, givenHead, place) {
    const pair = `${givenBase?.$ref} ${givenHead?.$ref}`;
    // Schemas of trees refer to themselves.
    if (givenBase?.$ref !== undefined && givenHead?.$ref !== undefined) {
      if (seen.has(pair)) return;
      seen.add(pair);
    }
    const before = resolved(givenBase, base.document);
    const after = resolved(givenHead, head.document);
    if (typeof before !== 'object' || typeof after !== 'object') return;
    compareTypes(before, after, place);
    compareValues(before, after, place);
    compareFields(before, after, place);
    if (before.items !== undefined && after.items !== undefined)
      compare(before.items, after.items, `${place}[]`);
    const ofAny = before.additionalProperties;
    if (typeof ofAny === 'object' && after.additionalProperties !== undefined) {
      compare(ofAny, after.additionalProperties, `${place}.*`);
    }
    compareBranches(before, after, place);
  }

  function compareTypes(before, after, place) {
    const types = [before.type, after.type].map((type) => (type === undefined ? [] : [type].flat()));
    const [old, now] = types;
    if (old.length === 0 || now.length === 0) return;
    const removed = old.filter(
      (type) => !now.includes(type) && !(type === 'integer' && now.includes('number')),
    );
    const added = now.filter((type) => !old.includes(type));
    if ((uses.writes && removed.length > 0) || (uses.reads && added.length > 0)) {
      found.push(`${named(place)}: the type ${old.join(' | ')} became ${now.join(' | ')}`);
    }
  }

  function compareValues(before, after, place) {
    const old = valuesOf(before);
    const now = valuesOf(after);
    if (!uses.writes || now === undefined) return;
    if (old === undefined) found.push(`${named(place)}: only ${now.join(', ')} are allowed now`);
    const removed = old?.filter((value) => !now.includes(value)) ?? [];
    if (removed.length > 0) found.push(`${named(place)}: ${removed.join(', ')} is no longer allowed`);
  }

  function compareFields(before, after, place) {
    for (const [name, schema] of Object.entries(before.properties ?? {})) {
      const field = after.properties?.[name];
      const at = `${place}.${name}`;
      if (field === undefined) found.push(`${named(at)}: the field was removed`);
      else compare(schema, field, at);
    }
    const [old, now] = [before.required ?? [], after.required ?? []];
    for (const name of now) {
      if (uses.writes && !old.includes(name))
        found.push(`${named(`${place}.${name}`)}: the field became required`);
    }
    for (const name of old) {
      // A field that is gone was named above.
      if (!uses.reads || now.includes(name) || after.properties?.[name] === undefined) continue;
      found.push(`${named(`${place}.${name}`)}: the field became optional`);
    }
  }

  /** Branches have no names: they are compared in their places. */
  function compareBranches(before, after, place) {
    for (const kind of ['anyOf', 'oneOf', 'allOf']) {
      const [old, now] = [before[kind] ?? [], after[kind] ?? []];
      for (const [index, branch] of old.entries()) {
        if (now[index] !== undefined) compare(branch, now[index], place);
        else if (uses.writes && now.length > 0)
          found.push(`${named(place)}: branch ${index + 1} of ${kind} was removed`);
      }
    }
  }
}

function named(place) {
  return place === '' ? 'the value' : place.replace(/^\./, '');
}

function valuesOf({ enum: values, const: value }) {
  return values ?? (value === undefined ? undefined : [value]);
}

/** Returns what a reference leads to. */
export function resolved(schema, document) {
  let current = schema;
  while (typeof current?.$ref === 'string') {
    const names = current.$ref.slice('#/'.length).split('/');
    current = names.reduce(
      (parent, name) => parent?.[name.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    );
  }
  return current ?? {};
}

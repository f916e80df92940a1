// Finds what a change of an OpenAPI document breaks for callers.
import { breakingSchemaChanges, resolved } from './breaking-schema-changes.mjs';

const methods = ['get', 'put', 'post', 'patch', 'delete'];

/** Returns the changes that break callers, one line for each. */
export function breakingApiChanges(base, head) {
  const found = [];
  for (const [path, routes] of Object.entries(base.paths)) {
    for (const method of methods) {
      const before = routes[method];
      if (before === undefined) continue;
      const after = head.paths[path]?.[method];
      const route = `${method.toUpperCase()} ${path}`;
      if (after === undefined) found.push(`${route}: the route was removed`);
      else for (const change of changesOf(before, after)) found.push(`${route}: ${change}`);
    }
  }
  return found;

  function changesOf(before, after) {
    return [
      ...parameterChanges(before, after),
      ...bodyChanges(before, after),
      ...answerChanges(before, after),
    ];
  }

  function parameterChanges(before, after) {
    const idOf = (parameter) => `${parameter.in} ${parameter.name}`;
    const read = (route, document) =>
      new Map(
        (route.parameters ?? []).map((each) => resolved(each, document)).map((each) => [idOf(each), each]),
      );
    const [old, now] = [read(before, base), read(after, head)];
    const changes = [];
    for (const [id, parameter] of old) {
      const same = now.get(id);
      if (same === undefined) changes.push(`the parameter ${id} was removed`);
      else
        changes.push(
          ...schemaChanges(parameter.schema, same.schema, 'writes').map((each) => `parameter ${id}: ${each}`),
        );
    }
    for (const [id, { required }] of now) {
      if (required && !old.get(id)?.required) changes.push(`the parameter ${id} became required`);
    }
    return changes;
  }

  function bodyChanges(before, after) {
    const [old, now] = [resolved(before.requestBody, base), resolved(after.requestBody, head)];
    const changes = contentChanges(old.content, now.content, 'writes').map((each) => `body: ${each}`);
    if (now.required && !old.required) changes.push('the body became required');
    return changes;
  }

  function answerChanges(before, after) {
    return Object.entries(before.responses).flatMap(([status, given]) => {
      if (after.responses[status] === undefined) return [`the answer ${status} was removed`];
      const [old, now] = [resolved(given, base), resolved(after.responses[status], head)];
      return contentChanges(old.content, now.content, 'reads').map((each) => `answer ${status}: ${each}`);
    });
  }

  function contentChanges(old = {}, now = {}, use) {
    return Object.entries(old).flatMap(([type, { schema }]) =>
      now[type] === undefined
        ? [`the type ${type} was removed`]
        : schemaChanges(schema, now[type].schema, use),
    );
  }

  function schemaChanges(old, now, use) {
    return breakingSchemaChanges(
      { schema: old, document: base },
      { schema: now, document: head },
      { writes: use === 'writes', reads: use === 'reads' },
    );
  }
}

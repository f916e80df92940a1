import spectral from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { expect, test } from 'vitest';
import { createWorld } from '../../test/world.js';

// The program has no contact; licenses may name an identifier since OpenAPI 3.1; parts of a component are used, which the linter does not see.
const off = { 'info-contact': 'off', 'license-url': 'off', 'oas3-unused-component': 'off' } as const;

async function problemsOf(document: object): Promise<readonly string[]> {
  const linter = new spectral.Spectral();
  linter.setRuleset(new spectral.Ruleset({ extends: [[rulesets.oas, 'all']], rules: off }));
  const problems = await linter.run(JSON.stringify(document));
  return problems.map(({ code, message, path }) => `${code} ${path.join('.')}: ${message}`);
}

test('the linter finds nothing in the description of the API', async () => {
  const { ask } = await createWorld();
  const { body } = await ask('GET', '/openapi.json');
  expect(await problemsOf(body)).toEqual([]);
  const { '/v1/commands': commands, ...others } = body.paths;
  expect(
    await problemsOf({ ...body, paths: { ...others, '/v1/commands': { get: { responses: {} } } } }),
  ).not.toEqual([]);
  expect(commands).toBeDefined();
});

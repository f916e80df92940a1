import { readFileSync } from 'node:fs';
import { describeVariables } from '@preservarium/environment';
import { expect, test } from 'vitest';
import { signingVariables, trustVariables } from './signing-variables.js';

const document = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

test('docs/configuration.md has a table of these variables, and no other in it', () => {
  const rows = describeVariables({ ...signingVariables, ...trustVariables });
  expect(document).toContain(`|---|---|---|---|\n${rows.join('\n')}\n\n`);
});

import { readFileSync } from 'node:fs';
import { describeVariables } from '@preservarium/environment';
import { expect, test } from 'vitest';
import { signingVariables } from './signing-variables.js';

const document = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

test('docs/configuration.md has a table of these variables, and no other in it', () => {
  expect(document).toContain(`|---|---|---|---|\n${describeVariables(signingVariables).join('\n')}\n\n`);
});

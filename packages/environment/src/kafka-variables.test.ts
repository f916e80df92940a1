import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeVariables } from './describe-variables.js';
import { kafkaVariables } from './kafka-variables.js';

const document = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

test('docs/configuration.md has a table of these variables, and no other in it', () => {
  expect(document).toContain(`|---|---|---|---|\n${describeVariables(kafkaVariables).join('\n')}\n\n`);
});

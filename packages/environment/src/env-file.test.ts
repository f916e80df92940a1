import { ConfigurationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readEnvFile } from './env-file.js';
import { readVariables } from './read-variables.js';
import type { Variables } from './variable.js';

const parse = (text: string) => readEnvFile('.env', () => text);

test('the forms that editors and shells write', () => {
  const text =
    '\uFEFFA=1\r\nexport B=two words # comment\r\n# C=3\r\nD="x#y"\r\nE=\'z # z\'\r\nF= # none\r\n';
  expect(parse(text)).toEqual({ A: '1', B: 'two words', D: 'x#y', E: 'z # z', F: '' });
});

test('a value over several lines in quotes may have anything in it', () => {
  expect(parse('A="first\nB=in#it\nlast"\nC=3\n')).toEqual({ A: 'first\nB=in#it\nlast', C: '3' });
});

test.each(['PASSWORD=abc#def', 'export PASSWORD = abc#def # comment', 'A=1\r\nPASSWORD=#def\r\nB=2'])(
  'a # that may be part of a value is refused, and the value is not shown: %j',
  (text) => {
    expect(() => parse(text)).toThrow(
      new ConfigurationError(
        'PASSWORD (in .env) has a # in a value without quotes: write PASSWORD="..." if it is part of the value, or a space before it if it begins a comment',
      ),
    );
  },
);

test('a file that is named and cannot be read is an error', () => {
  const readFile = () => {
    throw new Error('ENOENT: no such file or directory');
  };
  expect(() => readEnvFile('staging.env', readFile)).toThrow(
    'cannot read the file of variables staging.env: ENOENT: no such file or directory; name a file',
  );
});

const variables = {
  PASSWORD: { rule: z.string(), meaning: '', example: '/run/secrets/password', file: true, secret: true },
} as const satisfies Variables;

test('a file of variables does not name the file of a secret', () => {
  const contents: Readonly<Record<string, string>> = {
    '.env': 'PASSWORD_FILE=/etc/shadow',
    '/etc/shadow': 'root',
  };
  const readFile = (path: string) => contents[path] ?? '';
  expect(() => readVariables(variables, {}, { envFile: '.env', readFile })).toThrow(
    'PASSWORD_FILE (in .env) is refused: a file of variables must not name other files; set PASSWORD_FILE in the environment',
  );
});

test('a secret in the place of its path is neither in the error nor in its cause', () => {
  let error: unknown;
  try {
    readVariables(variables, { PASSWORD_FILE: 'hunter2' });
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
  const { message, cause, stack } = error as Error;
  expect(message).toContain('PASSWORD_FILE must be the path of a file');
  expect(`${message} ${stack} ${String(cause)}`).not.toContain('hunter2');
});

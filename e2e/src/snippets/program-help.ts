import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './markdown-blocks.js';

/** A command of a shell snippet: `NAME=value program words…`. */
export interface ShellCommand {
  readonly variables: Readonly<Record<string, string>>;
  readonly program: string;
  readonly words: readonly string[];
}

/** Programs of others that the documents name. */
const others = ['docker', 'mosquitto', 'mosquitto_sub', 'coap-client', 'curl', 'jq', 'cat', 'node'];
const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(repository, 'package.json'), 'utf8'),
).scripts;
const helps = new Map<string, Promise<string>>();

/** Returns the commands of the lines of a shell snippet, those of a pipe one after another. */
export function shellCommands(text: string): readonly ShellCommand[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => splitWords(line))
    .map((words) => {
      const isVariable = (word: string) => /^[A-Z][A-Z0-9_]*=/.test(word);
      const start = words.findIndex((word) => !isVariable(word));
      const variables = words.slice(0, start < 0 ? words.length : start);
      const [program = '', ...rest] = start < 0 ? [] : words.slice(start);
      return { variables: Object.fromEntries(variables.map(splitVariable)), program, words: rest };
    });
}

/** Returns the arguments of Node that run the command without the bootstrap; undefined where it is no program of this repository. */
export function nodeArguments({ program, words }: ShellCommand): readonly string[] | undefined {
  if (program !== 'npm') return existsSync(appFile(program)) ? [appFile(program), ...words] : undefined;
  const [first = '', ...others] = words.filter((word) => word !== '-s' && word !== 'run');
  const line = scripts[first];
  const own = /^node scripts\/bootstrap\.mjs node (?:scripts\/app\.mjs (?<app>\S+)|(?<file>\S+))$/.exec(
    line ?? '',
  );
  if (!own?.groups) return undefined;
  const { app, file = '' } = own.groups;
  const entry = app === undefined ? join(repository, file) : join(repository, 'apps', app, 'dist/main.js');
  return [entry, ...others.filter((word, index) => index > 0 || word !== '--')];
}

/** Returns what is wrong with a command: an unknown program or script, or an option that its `--help` does not list. */
export async function problemOf(command: ShellCommand): Promise<string | undefined> {
  const { program, words } = command;
  if (program === '') return undefined;
  if (program === 'npm' && words[0] === 'install') return packageProblem(words.slice(1));
  const run = nodeArguments(command);
  if (run === undefined) return externalProblem(command);
  const [entry = '', ...rest] = run;
  const firstOption = rest.findIndex((word) => word.startsWith('-'));
  const path = firstOption < 0 ? rest : rest.slice(0, firstOption);
  const help = await helpOf(entry, path);
  const usage = /^Usage:.*$/m.exec(help)?.[0] ?? '';
  if (path[0] !== undefined && !usage.includes(path[0]) && !new RegExp(`^ +${path[0]}\\b`, 'm').test(help)) {
    return `${path[0]} is not in the help of ${program}: ${usage}`;
  }
  const unknown = rest.filter((word) => /^--[a-z]/.test(word) && !accepts(help, word));
  return unknown.length === 0 ? undefined : `not in the help of ${program}: ${unknown.join(', ')}`;
}

function accepts(help: string, option: string): boolean {
  return new RegExp(`(?<![\\w-])${option.replace(/=.*/, '')}(?![\\w-])`).test(help);
}

function helpOf(entry: string, path: readonly string[]): Promise<string> {
  const known = helps.get([entry, ...path].join(' '));
  if (known !== undefined) return known;
  const help = new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [entry, ...path, '--help'], { cwd: repository }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  helps.set([entry, ...path].join(' '), help);
  return help;
}

function externalProblem({ program, words }: ShellCommand): string | undefined {
  if (others.includes(program)) return undefined;
  if (program !== 'npm') return `the program ${program} is not known`;
  const [script = ''] = words.filter((word) => word !== '-s' && word !== 'run');
  return scripts[script] === undefined ? `package.json has no script ${script}` : undefined;
}

function packageProblem(words: readonly string[]): string | undefined {
  const own = words.filter((word) => word.startsWith('@preservarium/'));
  const missing = own.filter((name) => {
    const manifest = join(repository, name.replace('@preservarium', 'packages'), 'package.json');
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).private === true;
  });
  return missing.length === 0 ? undefined : `no package to install: ${missing.join(', ')}`;
}

function appFile(program: string): string {
  return join(repository, 'apps', program === 'pusher' ? 'cli' : program, 'dist/main.js');
}

/** Splits a line into the words of its commands; quotes hold a word together, `#` begins a comment, `|` the next command. */
function splitWords(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const [word] of line.matchAll(/#.*|\||(?:'[^']*'|"[^"]*"|[^\s'"|])+/g)) {
    if (word.startsWith('#')) break;
    if (word === '|') commands.push([]);
    else commands.at(-1)?.push(word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return commands.filter((words) => words.length > 0);
}

function splitVariable(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

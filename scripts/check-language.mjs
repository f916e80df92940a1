// The language of documents, comments, messages and exported names: node scripts/check-language.mjs [FILE...]
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { TextlintKernel } from '@textlint/kernel';
import markdownPlugin from '@textlint/textlint-plugin-markdown';
import { readableText } from './language/readable-text.mjs';
import { languageRule, termPattern } from './language/rule.mjs';
import { root } from './workspace.mjs';

const { terms, names, except } = JSON.parse(readFileSync(join(import.meta.dirname, 'language.json'), 'utf8'));
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(`Finds circumlocutions and noun clauses in documents, comments and messages, and replaced words in exported names.

Usage: node scripts/check-language.mjs [FILE...]

  FILE    these files alone
  --help  shows this text

The exit code is 1 when something is found. scripts/language.json has the words, with what to use instead.`);
  process.exit(0);
}

const kernel = new TextlintKernel();
const plugins = [{ pluginId: 'markdown', plugin: markdownPlugin.default ?? markdownPlugin }];
const rules = [{ ruleId: 'language', rule: languageRule, options: { terms } }];

const named = args.filter((arg) => !arg.startsWith('-')).map((file) => resolve(file));
const files = named.length > 0 ? named : trackedFiles();
const findings = (await Promise.all(files.map(findIn))).flat();
for (const { file, line, message } of findings) console.log(`${relative(root, file)}:${line} ${message}`);
console.log(`${files.length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;

function trackedFiles() {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const all = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\n');
  return all
    .filter((file) => /\.(md|[cm]?ts|[cm]?js|yaml)$/.test(file) && file !== 'pnpm-lock.yaml')
    .filter((file) => !except.some((path) => file.startsWith(path)))
    .map((file) => join(root, file))
    .filter(existsSync);
}

async function findIn(file) {
  const source = readFileSync(file, 'utf8');
  if (extname(file) === '.md') return lint(file, source);
  const { text, lines } = readableText(file, source);
  const found = await lint(file, text);
  const inText = found.map((finding) => ({ ...finding, line: (lines[finding.line - 1] ?? 0) + 1 }));
  return [...inText, ...nameFindings(file, source)];
}

async function lint(file, text) {
  const { messages } = await kernel.lintText(text, { filePath: file, ext: '.md', plugins, rules });
  return messages.map(({ line, message }) => ({ file, line, message }));
}

function nameFindings(file, source) {
  const exported = /^export (?:declare )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
  return [...source.matchAll(exported)].flatMap(({ 1: name, index }) => {
    const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
    const term = names.find(({ pattern }) => termPattern(pattern).test(words));
    if (term === undefined) return [];
    const line = source.slice(0, index).split('\n').length;
    return [{ file, line, message: `exported name ${name}: use ${term.use}` }];
  });
}

// The help texts of the programs, as they print them.
import { inParallel, root, run } from '../../scripts/workspace.mjs';

const programs = ['cli', 'mqtt-connector', 'coap-connector', 'http-connector', 'gateway', 'device-simulator'];

/** Returns a page with the help of each program, and of each command of `pusher`. */
export async function commandLineReference() {
  const texts = await inParallel(programs, (program) => sectionsOf(program, [], 2));
  return `# Command lines\n\n${texts.flat().join('\n')}`;
}

async function sectionsOf(program, command, level) {
  const help = await run(process.execPath, [`${root}/apps/${program}/dist/main.js`, ...command, '--help']);
  const name = [program === 'cli' ? 'pusher' : program, ...command].join(' ');
  const section = `${'#'.repeat(level)} ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
  const below = await inParallel(commandsIn(help), (each) =>
    sectionsOf(program, [...command, each], Math.min(level + 1, 4)),
  );
  return [section, ...below.flat()];
}

/** Returns the names of the commands that a help text lists. */
function commandsIn(help) {
  const [, list = ''] = /^Commands:\n((?: {2}.*\n?)*)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
}

// The fields of what is on the wire, from the JSON Schemas that `@preservarium/core` publishes.
import { readFileSync } from 'node:fs';
import { root } from '../../scripts/workspace.mjs';

const schemas = [
  ['Command', 'command', 'The value of a record of the command topic.'],
  ['Lifecycle event', 'lifecycle-event', 'The value of a record of the event topic.'],
];

/** Returns a page with a table of the fields of each message. */
export function fieldTables() {
  const parts = schemas.map(([title, name, meaning]) => {
    const schema = JSON.parse(readFileSync(`${root}/packages/core/schema/${name}.schema.json`, 'utf8'));
    return `## ${title}\n\n${meaning}\n\n${tableOf(schema)}`;
  });
  return `# Fields of the wire\n\nThe JSON Schemas are in \`@preservarium/core/schema\`.\n\n${parts.join('\n\n')}\n`;
}

function tableOf({ properties, required = [] }) {
  const rows = Object.entries(properties).map(([name, property]) => {
    const need = required.includes(name) ? 'yes' : 'no';
    return `| \`${name}\` | ${typeOf(property)} | ${need} | ${cell(property.description ?? '')} |`;
  });
  return ['| field | type | required | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function typeOf({ type, enum: values, const: value, anyOf, format, maxLength }) {
  if (values !== undefined) return values.map((each) => `\`${each}\``).join(', ');
  if (value !== undefined) return `\`${value}\``;
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  const bound = maxLength === undefined ? '' : `, at most ${maxLength} characters`;
  return `${type ?? 'any JSON'}${format === undefined ? '' : ` (${format})`}${bound}`;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

import { exampleOf, type Variables } from './variable.js';

/** The rows of a Markdown table of these variables: names, meaning, default, example. */
export function describeVariables(variables: Variables): readonly string[] {
  return Object.entries(variables).map(([name, variable]) => {
    const { aliases = [], file, meaning, otherwise = '' } = variable;
    const names = [name, ...aliases, ...(file ? [`${name}_FILE`] : [])].map((spelling) => `\`${spelling}\``);
    return `| ${names.join(', ')} | ${meaning} | ${otherwise} | \`${exampleOf(name, variable)}\` |`;
  });
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Access, AccessOperation } from '@preservarium/dev-services';
import { repository } from './snippets/markdown-blocks.js';

/** Reads the permissions of principals in docs/production.md: a row of its table is a principal, topics, operations and groups. */
export async function documentedPermissions(
  principals: readonly string[],
  { username, ownGroup = '' }: { readonly username: string; readonly ownGroup?: string | undefined },
): Promise<readonly Access[]> {
  const text = await readFile(join(repository, 'docs/production.md'), 'utf8');
  const [, section = ''] = text.split('\n## Permissions\n');
  const rows = [...section.matchAll(/^\| ([^|]+) \| ([^|]*) \| ([^|]*) \| ([^|]*)\|$/gm)].filter(
    ([, principal = '']) => principals.includes(principal),
  );
  return rows.flatMap(([, , topics = '', operations = '', groups = '']) => [
    ...namesIn(topics).map(
      (name): Access => ({
        username,
        kind: 'topic',
        name,
        operations: operations.trim().split(', ') as AccessOperation[],
      }),
    ),
    ...namesIn(groups.replace('its own group', `\`${ownGroup}\``)).map(
      (name): Access => ({
        username,
        kind: 'group',
        name,
        operations: ['Read'],
      }),
    ),
  ]);
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

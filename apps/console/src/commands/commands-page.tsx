import { Button, Text } from '@mantine/core';
import { useCallback, useState } from 'react';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { CommandRows } from './command-rows.js';
import { FilterFields } from './filter-fields.js';
import { useCommandPages } from './use-command-pages.js';
import { useFilters } from './use-filters.js';

/** The commands of all devices, the newest first. */
export function CommandsPage() {
  const [filters, setFilters] = useFilters();
  const [isAtTop, setAtTop] = useState(true);
  const query = useCommandPages(filters, isAtTop);
  const { data, error, hasNextPage, fetchNextPage, isPending } = query;
  const canLoad = hasNextPage && !query.isFetching && !query.isFetchNextPageError;
  const more = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const commands = data?.pages.flatMap((page) => page.commands) ?? [];
  const hasFilters = Object.values(filters).some(Boolean);
  return (
    <>
      <PageTitle>Commands</PageTitle>
      <FilterFields filters={filters} onChange={setFilters} />
      {data === undefined ? <ProblemAlert error={error} /> : null}
      {data !== undefined && commands.length === 0 && !hasNextPage && (
        <Text>
          {hasFilters ? 'No command fits these filters. ' : 'There are no commands yet. '}
          {hasFilters && (
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => setFilters({ state: '', device: '', type: '', protocol: '' })}
            >
              Remove the filters
            </Button>
          )}
        </Text>
      )}
      {!isPending && (commands.length > 0 || hasNextPage) && (
        <CommandRows
          commands={commands}
          hasMore={hasNextPage}
          canLoad={canLoad}
          onEnd={more}
          onTop={setAtTop}
        />
      )}
    </>
  );
}

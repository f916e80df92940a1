import { Progress, Text } from '@mantine/core';
import type { RedriveRun } from './use-redrive.js';

/** Shows how far a redrive has come, and its outcomes. */
export function RedriveProgress({ run }: { readonly run: RedriveRun }) {
  const { isDryRun, total, results } = run;
  const counts = Object.entries(Object.groupBy(results.values(), ({ outcome }) => outcome));
  const words = counts.map(([outcome, some]) => `${some?.length} ${outcome.replaceAll('_', ' ')}`);
  return (
    <div>
      <Progress
        value={(100 * results.size) / total}
        aria-label={isDryRun ? 'Progress of the dry run' : 'Progress of the redrive'}
        mb={4}
      />
      <Text size="sm" role="status">
        {isDryRun ? 'Dry run' : 'Redrive'}: {results.size} of {total}
        {words.length > 0 && ` (${words.join(', ')})`}
      </Text>
    </div>
  );
}

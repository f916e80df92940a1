/** Widest column that other rows are filled up to: a device id can have 100,000 characters, and a table 1,000 rows. */
const maxFill = 100;

/**
 * Formats rows of text in columns, each as wide as its widest cell. A cell beyond 100 characters shifts the rest of its own line alone.
 *
 * @param maxColumns width at which lines are cut
 */
export function formatTable(rows: readonly (readonly string[])[], maxColumns: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.min(maxFill, Math.max(widths[column] ?? 0, cell.length));
    }
  }
  return rows.map((row) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    const trimmed = line.trimEnd();
    return trimmed.length <= maxColumns ? trimmed : `${trimmed.slice(0, maxColumns - 1)}…`;
  });
}

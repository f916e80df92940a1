import { stripVTControlCharacters, styleText } from 'node:util';

/** Renders columns as wide as their longest cell, with numbers aligned right. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => visibleLength(row[column] ?? ''))),
  );
  const renderRow = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [styleText('bold', renderRow(header)), ...rows.map(renderRow)].join('\n');
}

function pad(cell: string, width: number): string {
  const space = ' '.repeat(width - visibleLength(cell));
  return /^\d+$/.test(stripVTControlCharacters(cell)) ? space + cell : cell + space;
}

function visibleLength(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

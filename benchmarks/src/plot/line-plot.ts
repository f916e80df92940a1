import { linearScale, logScale, type Scale } from './scale.js';

export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

interface Axis {
  readonly label: string;
  readonly scale: 'log' | 'linear';
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn thicker than the others. Default `false`. */
  readonly bold?: boolean;
}

const width = 900;
const height = 476;
const left = 80;
const right = 250;
const top = 56;
const bottom = 50;
const innerWidth = width - left - right;
const innerHeight = height - top - bottom;
const colours = [
  '#1f77b4',
  '#d62728',
  '#2ca02c',
  '#ff7f0e',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#17becf',
  '#7f7f7f',
];

/** Plots of lines, one below the other, as the text of an SVG. */
export function renderPlots(plots: readonly Plot[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height * plots.length}" font-family="sans-serif" font-size="12">
<title>${escapeXml(plots.map(({ title }) => title).join('; '))}</title>
<rect width="100%" height="100%" fill="white"/>
${plots.map((plot, index) => `<g transform="translate(0 ${index * height})">\n${renderPlot(plot)}\n</g>`).join('\n')}
</svg>
`;
}

function renderPlot({ title, x, y, series }: Plot): string {
  const points = series.flatMap((line) => line.points);
  const xScale = scaleOf(
    x,
    points.map(([value]) => value),
  );
  const yScale = scaleOf(
    y,
    points.map(([, value]) => value),
  );
  const across = (value: number) => round(left + xScale.place(value) * innerWidth);
  const down = (value: number) => round(top + (1 - yScale.place(value)) * innerHeight);
  return [
    textAt(left, 20, title, 'font-weight="bold"'),
    ...xScale.ticks.flatMap((tick) => [
      lineFrom(across(tick), top, across(tick), top + innerHeight),
      textAt(across(tick), top + innerHeight + 18, tick.toLocaleString('en'), 'text-anchor="middle"'),
    ]),
    ...yScale.ticks.flatMap((tick) => [
      lineFrom(left, down(tick), left + innerWidth, down(tick)),
      textAt(left - 8, down(tick) + 4, tick.toLocaleString('en'), 'text-anchor="end"'),
    ]),
    textAt(left + innerWidth / 2, height - 10, x.label, 'text-anchor="middle"'),
    textAt(left, top - 10, y.label),
    ...series.flatMap((line, index) => renderSeries(line, index, across, down)),
  ].join('\n');
}

function scaleOf({ scale }: Axis, values: readonly number[]): Scale {
  return scale === 'log' ? logScale(values) : linearScale(values);
}

function renderSeries(
  { name, points, bold = false }: Series,
  index: number,
  across: (value: number) => number,
  down: (value: number) => number,
): readonly string[] {
  const colour = colours[index % colours.length];
  // Where there are more lines than colours, the second of a colour is dashed.
  const dashes = index < colours.length ? '' : ' stroke-dasharray="5 4"';
  const stroke = `fill="none" stroke="${colour}" stroke-width="${bold ? 3 : 1.5}"${dashes}`;
  const path = points.map(([x, y]) => `${across(x)},${down(y)}`).join(' ');
  const legendY = top + 10 + index * 20;
  const legendX = left + innerWidth + 16;
  return [
    `<polyline points="${path}" ${stroke}/>`,
    `<polyline points="${legendX},${legendY} ${legendX + 24},${legendY}" ${stroke}/>`,
    textAt(legendX + 32, legendY + 4, name, bold ? 'font-weight="bold"' : ''),
  ];
}

function lineFrom(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function textAt(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

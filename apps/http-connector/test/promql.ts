import { parser } from '@prometheus-io/lezer-promql';

export interface Names {
  readonly metrics: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** The metrics and the labels that an expression names; throws where it is not PromQL. */
export function namesIn(expression: string): Names {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(expression).iterate({
    enter({ name, type, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expression}`);
      if (name === 'Identifier') metrics.add(text);
      if (name === 'LabelName') labels.add(text);
    },
  });
  return { metrics, labels };
}

/** The metrics and the labels of what `/metrics` serves. */
export function namesServed(exposition: string): Names {
  const series = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const expressions = series.map((line) => namesIn(line.slice(0, line.lastIndexOf(' '))));
  return {
    metrics: new Set(expressions.flatMap(({ metrics }) => [...metrics])),
    labels: new Set(expressions.flatMap(({ labels }) => [...labels])),
  };
}

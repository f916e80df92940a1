/** Reports progress on stderr: stdout has the report. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

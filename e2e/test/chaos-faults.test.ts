import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../chaos/dist/main.js');

// The program itself fails where a count that must be 0 is not.
test.each(['kafkajs', 'rdkafka'])(
  'through %s, a minute of chaos loses, reverses and repeats nothing unmarked',
  async (backend) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, '--minutes', '1', '--seed', '1', '--backend', backend],
      { timeout: 480_000 },
    );
    const rows = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const countOf = (what: string) => Number(rows.find((row) => row[1] === what)?.[2]);
    expect(countOf('commands acknowledged by Kafka')).toBeGreaterThan(1_000);
    expect(countOf('executions')).toBeGreaterThan(1_000);
    expect(countOf('acknowledged by Kafka, neither executed nor ended')).toBe(0);
  },
  500_000,
);

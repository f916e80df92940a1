import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJava, mavenJars } from '@preservarium/dev-services';
import type { Contestant, ProcessUsage, Route } from '../contestant.js';

const version = '4.17.0';
const log4jVersion = '2.25.3';

/**
 * Apache Camel: a route of six Kafka consumers, each of which publishes with Eclipse Paho (MQTT 5) and waits for the answer. It
 * passes the records on as they are. Rejects with `BACKEND_UNAVAILABLE` where Java or Maven are missing.
 */
export async function camelContestant(): Promise<Contestant> {
  const java = await findJava();
  const jars = await mavenJars({
    name: `camel-${version}`,
    title: `Apache Camel ${version} (31 MB)`,
    artifacts: [
      ...['main', 'bean', 'kafka', 'paho-mqtt5', 'yaml-dsl'].map(
        (name) => `org.apache.camel:camel-${name}:${version}`,
      ),
      `org.apache.logging.log4j:log4j-slf4j2-impl:${log4jVersion}`,
    ],
  });
  return {
    name: 'camel.kafka-paho5',
    async start(route) {
      const folder = await mkdtemp(join(tmpdir(), 'preservarium-camel-'));
      const routeFile = join(folder, 'route.yaml');
      await writeFile(routeFile, camelRoute(route));
      const child = spawn(
        java,
        [
          '-Dlog4j2.level=WARN',
          `-Dcamel.main.routesIncludePattern=file:${routeFile}`,
          ...['-cp', join(jars, '*'), 'org.apache.camel.main.Main'],
        ],
        { stdio: ['ignore', process.stderr, process.stderr] },
      );
      const exited = once(child, 'exit');
      return {
        usage: () => usageOf(child.pid),
        liveHeap: async () => Number.NaN,
        async stop() {
          const usage = await usageOf(child.pid);
          child.kill('SIGTERM');
          await exited;
          return usage;
        },
        async [Symbol.asyncDispose]() {
          child.kill('SIGKILL');
          await exited;
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

/** `receiveMaximum`: with its default of 65,535, Paho refuses every publish as one too many. */
function camelRoute({ brokers, topic, mqttUrl }: Route): string {
  return `- route:
    from:
      uri: kafka:${topic}
      parameters:
        brokers: ${brokers.join(',')}
        groupId: ${topic}-group
        autoOffsetReset: earliest
        isolationLevel: read_committed
        consumersCount: 6
      steps:
        - setHeader:
            name: CamelPahoMqtt5OverrideTopic
            simple: devices/\${header[kafka.KEY]}/commands
        - to:
            uri: paho-mqtt5:commands
            parameters:
              brokerUrl: ${mqttUrl.replace('mqtt:', 'tcp:')}
              qos: 1
              receiveMaximum: 1000
`;
}

/** As Linux says it in `/proc`; elsewhere it stays unknown. */
async function usageOf(processId: number | undefined): Promise<ProcessUsage> {
  try {
    const stat = await readFile(`/proc/${processId}/stat`, 'utf8');
    // The fields after the name, which stands in parentheses and may hold anything (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuMs: ticks * millisecondsPerTick, residentBytes: Number(fields[21]) * pageBytes };
  } catch {
    return { cpuMs: Number.NaN, residentBytes: Number.NaN };
  }
}

const millisecondsPerTick = 10;
const pageBytes = 4_096;

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command.js';

const kafkaVersion = '4.3.1';
const log4jVersion = '2.25.3';

/** The folder with the jars of Apache Kafka, fetched from Maven Central when this user does not have them yet. */
export async function kafkaJars(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const jars = join(cache, 'preservarium-pusher', `kafka-${kafkaVersion}`);
  if (!existsSync(jars)) await fetchJars(jars);
  return jars;
}

async function fetchJars(jars: string): Promise<void> {
  await runCommand('mvn', ['--version'], { timeoutMs: 30_000 });
  process.stderr.write(
    `Fetching Apache Kafka ${kafkaVersion} from Maven Central (54 MB, once) into ${jars}\n`,
  );
  await mkdir(dirname(jars), { recursive: true });
  const temporary = await mkdtemp(`${jars}-`);
  try {
    const pom = join(temporary, 'pom.xml');
    const fetched = join(temporary, 'jars');
    await writeFile(pom, projectObjectModel());
    await runCommand('mvn', ['-B', '-q', '-f', pom, copyDependencies, `-DoutputDirectory=${fetched}`], {
      timeoutMs: 600_000,
    });
    await renameUnlessThere(fetched, jars);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A folder appears whole or not at all; of several processes that fetch at once, the first one wins. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

function projectObjectModel(): string {
  const dependency = (groupId: string, artifactId: string, version: string) =>
    `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>preservarium</groupId><artifactId>development-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
    ${dependency('org.apache.kafka', 'kafka-tools', kafkaVersion)}
    ${dependency('org.apache.logging.log4j', 'log4j-core', log4jVersion)}
    ${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', log4jVersion)}
  </dependencies>
</project>
`;
}

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { renameUnlessThere } from './rename-unless-there.js';
import { runCommand } from './run-command.js';

export interface MavenJars {
  /** Names the folder; another version needs another name. */
  readonly name: string;
  /** Name for messages during the download, for example `Apache Kafka 4.3.1 (54 MB)`. */
  readonly title: string;
  /** `group:artifact:version` of each. */
  readonly artifacts: readonly string[];
}

/**
 * The folder with these artifacts and all that they need, fetched from Maven Central when this user does not have them yet.
 * Rejects with `BACKEND_UNAVAILABLE` where Maven is missing or fails.
 */
export async function mavenJars({ name, title, artifacts }: MavenJars): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'preservarium-pusher', name);
  if (existsSync(folder)) return folder;
  await runCommand('mvn', ['--version'], { timeoutMs: 30_000 });
  process.stderr.write(`Fetching ${title} from Maven Central, once, into ${folder}\n`);
  await fetchInto(folder, artifacts);
  return folder;
}

async function fetchInto(folder: string, artifacts: readonly string[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  try {
    const pom = join(temporary, 'pom.xml');
    const fetched = join(temporary, 'jars');
    await writeFile(pom, projectObjectModel(artifacts));
    await runCommand('mvn', ['-B', '-q', '-f', pom, copyDependencies, `-DoutputDirectory=${fetched}`], {
      timeoutMs: 600_000,
    });
    await renameUnlessThere(fetched, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

function projectObjectModel(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [groupId, artifactId, version] = artifact.split(':');
    return `    <dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>preservarium</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`;
}

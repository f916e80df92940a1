import { mavenJars } from './maven-jars.js';

const kafkaVersion = '4.3.1';
const log4jVersion = '2.25.3';

/** The folder with the jars of Apache Kafka, fetched from Maven Central when this user does not have them yet. */
export function kafkaJars(): Promise<string> {
  return mavenJars({
    name: `kafka-${kafkaVersion}`,
    title: `Apache Kafka ${kafkaVersion} (54 MB)`,
    artifacts: [
      `org.apache.kafka:kafka_2.13:${kafkaVersion}`,
      `org.apache.kafka:kafka-tools:${kafkaVersion}`,
      `org.apache.logging.log4j:log4j-core:${log4jVersion}`,
      `org.apache.logging.log4j:log4j-slf4j-impl:${log4jVersion}`,
    ],
  });
}

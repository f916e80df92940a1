import type { Logger } from '@preservarium/backend';
import type { Client, KafkaClientEvents } from 'node-rdkafka';

/** A line of librdkafka's log, as node-rdkafka passes it on. */
export interface ClientLogLine {
  readonly severity: number;
  readonly fac: string;
  readonly message: string;
}

/** Sends the client's log to the logger; the client prints nothing then. */
export function sendClientLogTo(logger: Logger, client: Client<KafkaClientEvents>): void {
  client.on('event.log', ({ severity, fac, message }: ClientLogLine) => {
    logger[levelOf(severity)]({ client: 'rdkafka', part: fac }, message);
  });
  client.on('event.error', (error) => {
    logger.warn({ client: 'rdkafka', err: error }, error.message);
  });
}

/** Severities are syslog's: 3 is an error, 4 a warning, 7 debugging. */
function levelOf(severity: number): keyof Logger {
  if (severity <= 3) return 'error';
  if (severity === 4) return 'warn';
  return severity >= 7 ? 'debug' : 'info';
}

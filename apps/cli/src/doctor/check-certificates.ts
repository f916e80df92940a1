import { cutText } from '@preservarium/core';
import type { Certificate } from './certificates.js';
import { type Finding, fail, warn } from './finding.js';

const dayMs = 24 * 3_600_000;
/** As long before its end a certificate is to be renewed. */
const renewMs = 30 * dayMs;

const remedies: Readonly<Record<Certificate['role'], string>> = {
  server:
    'renew it at the server: ssl.keystore.* of Kafka with kafka-configs.sh, certfile of mosquitto with SIGHUP, the proxy before a gateway',
  authority: 'renew it, then KAFKA_SSL_CA_FILE and MQTT_CA_FILE of all clients with both, then the servers',
  client:
    'renew the files of KAFKA_SSL_CERT_FILE or MQTT_CERT_FILE, and of the key: programs read them again',
};

/** Checks when the certificates expire. */
export function checkCertificates(certificates: readonly Certificate[], nowMs: number): readonly Finding[] {
  return certificates.flatMap(({ subject, name, expiresAtMs, role }) => {
    const leftMs = expiresAtMs - nowMs;
    if (leftMs > renewMs) return [];
    const certificate = `the certificate "${cutText(name, 64)}"`;
    const at = new Date(expiresAtMs).toISOString();
    const why = 'from then on no program can connect';
    const run = remedies[role];
    if (leftMs <= 0) return [fail({ subject, what: `${certificate} expired at ${at}`, why, run })];
    const days = Math.floor(leftMs / dayMs);
    return [warn({ subject, what: `${certificate} expires in ${days} days, at ${at}`, why, run })];
  });
}

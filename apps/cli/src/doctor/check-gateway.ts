import { isLoopback } from './check-kafka-access.js';
import { type Finding, fail } from './finding.js';
import type { Gateway } from './gateway.js';

/** Checks authentication and TLS of a gateway. */
export function checkGateway({ url, status }: Gateway): readonly Finding[] {
  const subject = `gateway ${url.host}`;
  if (status === undefined) {
    return [
      fail({
        subject,
        what: 'it does not answer',
        why: 'no application reaches it, or not from here',
        run: `curl -v ${new URL('/readyz', url.origin)}`,
      }),
    ];
  }
  if (isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) return [];
  const findings: Finding[] = [];
  if (status < 400) {
    findings.push(
      fail({
        subject,
        what: 'it takes requests without authentication, and is not on loopback',
        why: 'each client of the network can command each device',
        run: 'pusher keys create, then GATEWAY_KEYS, or GATEWAY_OIDC_ISSUER; a proxy before it must not send Host: localhost',
      }),
    );
  }
  if (url.protocol === 'http:') {
    findings.push(
      fail({
        subject,
        what: 'it is reached without TLS, and is not on loopback',
        why: 'the network can read API keys and commands, and change them',
        run: 'a proxy with TLS before it, and GATEWAY_HOST=127.0.0.1',
      }),
    );
  }
  return findings;
}

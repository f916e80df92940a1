import { expect, test } from 'vitest';
import { checkGateway } from './check-gateway.js';

test('a gateway that does not answer is named without the credentials in its URL', () => {
  const url = new URL('http://user:hunter2@pusher.example/v1');
  const findings = checkGateway({ url, status: undefined, certificates: [] });
  expect(findings).toMatchObject([{ run: 'curl -v http://pusher.example/readyz' }]);
  expect(JSON.stringify(findings)).not.toMatch(/hunter2|user/);
});

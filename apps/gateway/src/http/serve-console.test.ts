import { expect, test } from 'vitest';
import { createWorld } from '../../test/world.js';

const bytes = Buffer.from('alert(1)');
const gzipped = Buffer.from('compressed');
const asset = { path: '/assets/index-1.js', type: 'text/javascript; charset=utf-8', bytes, gzipped };
const parts = { console: { page: '<meta nonce="{{nonce}}"><link nonce="{{nonce}}">', assets: [asset] } };

test('each response has a nonce of its own, in the page and in its policy', async () => {
  const { app } = await createWorld({ parts });
  const ask = async (url: string) => {
    const { headers, payload } = await app.inject(url);
    const [, nonce] = /'nonce-([^']+)'/.exec(String(headers['content-security-policy'])) ?? [];
    expect(payload).toBe(`<meta nonce="${nonce}"><link nonce="${nonce}">`);
    return nonce;
  };
  const nonces = await Promise.all(['/', '/commands', '/command?request=a', '/device?id=lamp-7'].map(ask));
  expect(new Set(nonces).size).toBe(nonces.length);
});

test('the policy allows no inline style or script and no other host', async () => {
  const { app } = await createWorld({ parts });
  const { headers } = await app.inject('/');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|http|\*/);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
});

test('assets are immutable, and compressed for those who ask', async () => {
  const { app } = await createWorld({ parts });
  const plain = await app.inject(asset.path);
  expect(plain.rawPayload).toEqual(bytes);
  expect(plain.headers).toMatchObject({
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  const small = await app.inject({ url: asset.path, headers: { 'accept-encoding': 'gzip, br' } });
  expect(small.headers['content-encoding']).toBe('gzip');
  expect(small.rawPayload).toEqual(gzipped);
});

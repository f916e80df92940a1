import { describe, expect, test } from 'vitest';
import { answerDigest, readDigestChallenge } from './http-digest.js';

/** RFC 7616, section 3.9.1. */
const common = 'realm="http-auth@example.org", qop="auth, auth-int"';
const tail =
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const request = { method: 'GET', path: '/dir/index.html', body: Buffer.alloc(0) };
const use = {
  username: 'Mufasa',
  password: 'Circle of Life',
  count: 1,
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};

function answerTo(...challenges: string[]): string {
  const challenge = readDigestChallenge(challenges);
  if (challenge === undefined) throw new Error('there is no challenge');
  return answerDigest(challenge, request, use);
}

test.each([
  ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
])('the answer of the standard with %s', (algorithm, response) => {
  const answer = answerTo(`Digest ${common}, algorithm=${algorithm}, ${tail}`);
  expect(answer).toContain(`response="${response}"`);
  for (const part of [
    'username="Mufasa"',
    'uri="/dir/index.html"',
    'nc=00000001',
    'qop=auth',
    `algorithm=${algorithm}`,
  ]) {
    expect(answer.slice('Digest '.length).split(', ')).toContain(part);
  }
});

test('the answer of RFC 2069, as devices without qop want it', () => {
  const challenge =
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const read = readDigestChallenge([challenge]);
  if (read === undefined) throw new Error('there is no challenge');
  const answer = answerDigest(read, request, { ...use, password: 'CircleOfLife' });
  expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"');
  expect(answer).not.toMatch(/qop|nc=|cnonce/);
});

describe('of several challenges the strongest that can be answered counts', () => {
  test.each([
    ['SHA-256', [`Digest ${common}, algorithm=MD5, ${tail}`, `Digest ${common}, algorithm=SHA-256, ${tail}`]],
    [
      'SHA-256',
      [`Basic realm="x, Digest", Digest ${common}, algorithm=SHA-256, ${tail}, Digest ${common}, ${tail}`],
    ],
    [
      'SHA-512-256',
      [`Digest ${common}, algorithm=SHA-512-256, ${tail}, Digest ${common}, algorithm=MD5, ${tail}`],
    ],
    ['MD5', [`digest ${common},algorithm=md5,${tail}`, `Digest ${common}, algorithm=SHA-3, ${tail}`]],
    ['MD5-sess', [`Digest ${common}, algorithm=MD5-SESS, ${tail}`]],
  ])('%s (%#)', (algorithm, challenges) => {
    expect(answerTo(...challenges)).toContain(`algorithm=${algorithm}`);
  });
});

test.each([
  ['none', []],
  ['one of Basic', ['Basic realm="x"']],
  ['one without a nonce', ['Digest realm="x"']],
  ['one with another qop', [`Digest realm="x", nonce="y", qop="auth-conf"`]],
  ['one with another algorithm', [`Digest realm="x", nonce="y", algorithm=SHA-3`]],
  ['no challenge', ['', ',,,', '="', 'realm="x']],
])('%s is no challenge of Digest', (_, headers) => {
  expect(readDigestChallenge(headers)).toBeUndefined();
});

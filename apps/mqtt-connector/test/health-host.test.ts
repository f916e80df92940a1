import { once } from 'node:events';
import { connect } from 'node:net';
import { startConnector } from '@preservarium/connector-process/testing';
import { freeTcpPort } from '@preservarium/dev-services';
import { expect, test } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url);

/** All of 127.0.0.0/8 is this machine: the second address stands for those of its network. */
async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test.each([
  [undefined, false],
  ['0.0.0.0', true],
])('with HEALTH_HOST %s, health is on other addresses of the machine: %s', async (host, expected) => {
  const port = await freeTcpPort();
  await using connector = startConnector(main, ['--health-port', String(port)], {
    environment: host === undefined ? {} : { HEALTH_HOST: host },
  });
  await connector.logged('starting');
  expect(await isOpen('127.0.0.1', port)).toBe(true);
  expect(await isOpen('127.0.0.2', port)).toBe(expected);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { BackendUnavailableError } from '@preservarium/core';
import { freeUdpPort } from '../free-udp-port.js';
import { answersPing } from './coap-ping.js';
import { findLibcoap } from './find-libcoap.js';

/** A `coap-server` of the test's own, as a device with a server. */
export interface LibcoapServer extends AsyncDisposable {
  /** `coap://127.0.0.1:` and the port. */
  readonly url: string;
  readonly port: number;
  /** It takes what is sent to it and does nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Ends it; its port is closed from then on. */
  stop(): Promise<void>;
}

const startTimeoutMs = 10_000;

/**
 * libcoap's example server on a free port: `/example_data` takes a PUT, `/async` answers late, and `further` arguments may say
 * more, such as `['-d', '10']` for resources that a PUT creates. Rejects with `CONFIGURATION_INVALID` where it is not installed.
 */
export async function startLibcoapServer(further: readonly string[] = []): Promise<LibcoapServer> {
  const port = await freeUdpPort();
  const args = ['-A', '127.0.0.1', '-p', String(port), ...further];
  const child = spawn(findLibcoap('coap-server'), args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await untilReady(child, port);

  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }

  return {
    url: `coap://127.0.0.1:${port}`,
    port,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  const deadlineAt = performance.now() + startTimeoutMs;
  while (!(await answersPing(port, 200))) {
    if (child.exitCode !== null || performance.now() > deadlineAt) {
      child.kill('SIGKILL');
      throw new BackendUnavailableError(`${child.spawnfile} did not start on port ${port}`);
    }
    await pause(20);
  }
}

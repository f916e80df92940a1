import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackendUnavailableError, ClosedError } from '@preservarium/core';
import { createPortFinder } from '../kafka/free-ports.js';
import { startWatchdog } from '../kafka/watchdog.js';
import { findMosquitto } from './find-mosquitto.js';
import type { Mosquitto, StartMosquittoOptions } from './mosquitto.js';
import { makeMosquittoFolder } from './mosquitto-folder.js';

const startTimeoutMs = 10_000;

/** The MQTT broker mosquitto on a free port; rejects with `CONFIGURATION_INVALID` where it is not installed. */
export async function startMosquitto(options: StartMosquittoOptions = {}): Promise<Mosquitto> {
  const program = findMosquitto('mosquitto');
  const findPort = createPortFinder();
  const port = await findPort();
  const webSocketPort = options.webSocket ? await findPort() : undefined;
  const folder = await makeMosquittoFolder({ port, webSocketPort }, options);
  const logFile = join(folder.path, 'mosquitto.log');
  const watchdog = await startWatchdog('kill -KILL $told; rm -rf "$1"', folder.path);
  let broker: ChildProcess | undefined;
  let stopped: Promise<void> | undefined;

  async function start(): Promise<void> {
    if (stopped) throw new ClosedError('this mosquitto');
    const log = openSync(logFile, 'a');
    const child = spawn(program, ['-c', folder.configurationFile], {
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    await once(child, 'spawn');
    child.unref();
    broker = child;
    watchdog.tell(String(child.pid));
    await untilListening(child);
  }

  async function areListening(): Promise<boolean> {
    const ports = [port, ...(webSocketPort === undefined ? [] : [webSocketPort])];
    return (await Promise.all(ports.map(isListening))).every(Boolean);
  }

  async function untilListening(child: ChildProcess): Promise<void> {
    const deadlineAt = performance.now() + startTimeoutMs;
    while (!(await areListening())) {
      if (hasEnded(child) || performance.now() > deadlineAt) {
        throw new BackendUnavailableError(`mosquitto did not start: ${await readFile(logFile, 'utf8')}`);
      }
      await pause(10);
    }
  }

  async function endBy(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (broker === undefined || hasEnded(broker)) return;
    broker.ref();
    const exited = once(broker, 'exit');
    broker.kill(signal);
    await exited;
    watchdog.tell('');
  }

  async function end(): Promise<void> {
    await endBy('SIGKILL');
    await watchdog.run();
  }

  function stop(): Promise<void> {
    stopped ??= end();
    return stopped;
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    url: `${options.tls ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`,
    port,
    ...(webSocketPort !== undefined && {
      webSocketUrl: `${options.tls ? 'wss' : 'ws'}://127.0.0.1:${webSocketPort}`,
    }),
    ...(folder.authority && { authority: folder.authority }),
    freeze: () => void broker?.kill('SIGSTOP'),
    thaw: () => void broker?.kill('SIGCONT'),
    kill: () => endBy('SIGKILL'),
    shutDown: () => endBy('SIGTERM'),
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

import { within } from '@preservarium/conformance';
import { freeUdpPort } from '../free-udp-port.js';
import { runAiocoap } from './run-aiocoap.js';

/** A whole request that the device has received: all its blocks. */
export interface AiocoapReceived {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly contentFormat: number | null;
  readonly accept: number | null;
  readonly hasEcho: boolean;
  /** Lower-case hex. */
  readonly payload: string;
}

/** A device with a server on aiocoap. */
export interface AiocoapServer extends AsyncDisposable {
  /** It listens at this port of every address of this machine. */
  readonly port: number;
  /** `coap://127.0.0.1:` and the port. */
  readonly url: string;
  /** Resolves with the requests that it has received since the last call. */
  takeReceived(): Promise<AiocoapReceived[]>;
  /** It takes what is sent to it and does nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Ends it; its port is closed from then on. */
  stop(): Promise<void>;
}

const mark = 'mark';
const timeoutMs = 15_000;

/**
 * Starts `python/aiocoap_device.py` at a free port; the path of a request chooses how the device behaves. Rejects with `BACKEND_UNAVAILABLE`
 * where Python or the package index is missing.
 */
export async function startAiocoapServer(): Promise<AiocoapServer> {
  const port = await freeUdpPort();
  let received: AiocoapReceived[] = [];
  let told = Promise.withResolvers<void>();
  const program = await runAiocoap('aiocoap_device.py', [String(port)], (said) => {
    if (said === mark) told.resolve();
    else received.push(said as AiocoapReceived);
  });
  const { child, stop } = program;

  /** The device prints the mark behind all that it has received. */
  async function takeReceived(): Promise<AiocoapReceived[]> {
    told = Promise.withResolvers();
    program.writeLine(JSON.stringify(mark));
    await within(told.promise, timeoutMs, 'an answer of the device to its input');
    const taken = received;
    received = [];
    return taken;
  }

  return {
    port,
    url: `coap://127.0.0.1:${port}`,
    takeReceived,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

import type { ObserveWriteStream } from 'coap';
import type { CoapBlock } from './coap-block.js';
import { type CommandAnswer, writeCommandOptions } from './coap-command-answer.js';

/** Devices that observe their commands (RFC 7641): they are sent each one as soon as it is there. */
export interface Observers {
  /** Takes the place of an earlier registration of the device. Returns whether there is room. */
  register(deviceId: string, endpoint: string, stream: ObserveWriteStream): boolean;
  /** Ends the registration; of this endpoint only, where one is given. */
  deregister(deviceId: string, endpoint?: string): void;
  has(deviceId: string): boolean;
  /** Sends a command, or that there is none. */
  notify(deviceId: string, answer: CommandAnswer | undefined): void;
  /** Sends a further block of the last notification as the answer to a request. Returns whether there is one. */
  sendBlock(deviceId: string, answer: CommandAnswer, block: CoapBlock, stream: ObserveWriteStream): boolean;
}

interface Observer {
  readonly endpoint: string;
  readonly stream: ObserveWriteStream;
  isFirst: boolean;
}

export function createObservers({ maxDevices }: { readonly maxDevices: number }): Observers {
  const observers = new Map<string, Observer>();

  function forget(deviceId: string, stream: ObserveWriteStream): void {
    if (observers.get(deviceId)?.stream === stream) observers.delete(deviceId);
  }

  return {
    register(deviceId, endpoint, stream) {
      if (!observers.has(deviceId) && observers.size >= maxDevices) return false;
      observers.set(deviceId, { endpoint, stream, isFirst: true });
      stream.on('finish', () => forget(deviceId, stream));
      stream.on('error', () => forget(deviceId, stream));
      return true;
    },
    deregister(deviceId, endpoint) {
      const observer = observers.get(deviceId);
      if (endpoint === undefined || observer?.endpoint === endpoint) observers.delete(deviceId);
    },
    has: (deviceId) => observers.has(deviceId),
    notify(deviceId, answer) {
      const observer = observers.get(deviceId);
      if (observer === undefined) return;
      const { stream, isFirst } = observer;
      observer.isFirst = false;
      if (!isFirst) sendUnconfirmed(stream);
      if (answer === undefined) stream.setOption('Max-Age', 0);
      stream.write(answer === undefined ? Buffer.alloc(0) : writeCommandOptions(stream, answer));
    },
    sendBlock(deviceId, answer, block, stream) {
      const observer = observers.get(deviceId);
      const bytes = writeCommandOptions(stream, answer, block);
      if (observer === undefined || bytes === undefined) return false;
      stream.setOption('Observe', observer.stream._counter);
      stream._doSend(bytes);
      return true;
    },
  };
}

/**
 * node-coap goes on repeating a confirmable notification for 45 s, also when the command in it has expired; that is why
 * notifications are not confirmable and the delivery repeats them itself. It also takes them for acknowledgements when the
 * registration was not confirmable.
 */
function sendUnconfirmed({ _packet: packet }: ObserveWriteStream): void {
  packet.confirmable = false;
  packet.ack = false;
}

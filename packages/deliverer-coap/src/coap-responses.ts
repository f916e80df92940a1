import type { ObserveWriteStream, OutgoingMessage } from 'coap';
import { type CommandAnswer, writeCommandOptions } from './coap-command-answer.js';
import type { OpenRequest } from './coap-open-requests.js';

const maxDiagnosticCharacters = 200;
const comeBackAfterSeconds = 60;

/** Answers with a command, or the part of it that was asked for. */
export function respondWith({ response, block }: OpenRequest, answer: CommandAnswer): void {
  const bytes = writeCommandOptions(response, answer, block);
  if (bytes === undefined) respond(response, '4.00', 'the command has no such block');
  else response.end(bytes);
}

/** Answers without a command; the diagnostic text is for people (RFC 7252, section 5.5.2). */
export function respond(response: OutgoingMessage, code: string, diagnostic = ''): void {
  response.statusCode = code;
  response.setOption('Max-Age', 0);
  response.end(Buffer.from(diagnostic.slice(0, maxDiagnosticCharacters)));
}

/** Answers a request that does not prove which device it is of. Without a text: it may ask for any block of the answer. */
export function respondUnauthorized(response: OutgoingMessage): void {
  response.statusCode = '4.01';
  response.end();
}

/** Max-Age of 5.03 says when to come again (RFC 7252, section 5.9.3.4). */
export function respondBusy(response: OutgoingMessage, afterMs = comeBackAfterSeconds * 1_000): void {
  response.statusCode = '5.03';
  response.setOption('Max-Age', Math.max(1, Math.ceil(afterMs / 1_000)));
  response.end();
}

/** Without the Observe option, so that the device knows that it is not registered (RFC 7641, section 4.1). */
export function refuseRegistration(stream: ObserveWriteStream, code: '4.01' | '4.04' | '5.03'): void {
  stream.statusCode = code;
  stream.setOption('Max-Age', code === '5.03' ? comeBackAfterSeconds : 0);
  stream.end();
}

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { cutText } from '@preservarium/core';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './answer-errors.js';
import { HttpError } from './problem.js';

const causes: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'MESSAGE_TOO_LARGE', 'the address and the headers have more than 16384 bytes'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMED_OUT', 'the request did not come to its end in time'],
};

/** Answers what is no request of HTTP, before there is a route, and closes the connection. */
export function refuseUnreadRequest({ code = '' }: { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, name, detail] = causes[code] ?? [
    400,
    'VALIDATION_FAILED',
    `this is no request of HTTP/1.1 (${code})`,
  ];
  const { problem } = new HttpError({ status, code: name, detail });
  const body = JSON.stringify(problem);
  if (!socket.writable) return void socket.destroy();
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** Answers a request whose address cannot be read. */
export function refuseUnreadAddress(
  { message, statusCode: status = 400 }: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const code = status === 414 ? 'MESSAGE_TOO_LARGE' : 'VALIDATION_FAILED';
  const detail = `the address cannot be read: ${cutText(message, 512)}`;
  void sendProblem(reply, new HttpError({ status, code, detail }));
}

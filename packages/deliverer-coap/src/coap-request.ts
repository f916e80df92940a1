import { type CommandMessage, ValidationError } from '@preservarium/core';
import {
  addressProblem,
  type DevicePayload,
  isSettingsCommand,
  splitZone,
  withoutCredentials,
} from '@preservarium/deliverer';
import type { CoapRequestParams } from 'coap';
import { contentFormatOf } from './coap-content-format.js';
import { parseCoapOptions } from './coap-options.js';
import { parseCoapPath } from './coap-path.js';

export interface CoapRequest {
  readonly host: string;
  readonly port: number;
  readonly method: CoapMethod;
  readonly confirmable: boolean;
  readonly options: NonNullable<CoapRequestParams['options']>;
  readonly payload: Buffer;
}

type CoapMethod = NonNullable<CoapRequestParams['method']>;

const defaultPort = 5683;
const settingsPath = '/settings';
/** A larger payload goes in blocks. */
export const maxBlockBytes = 1_024;
/** The block size of 1,024 bytes, as the exponent that node-coap wants in place of the option. */
const blockSizeExponent = Buffer.of(6);

const methods: Readonly<Record<string, CoapMethod>> = {
  GET: 'GET',
  POST: 'POST',
  PUT: 'PUT',
  DELETE: 'DELETE',
  FETCH: 'FETCH',
  PATCH: 'PATCH',
  IPATCH: 'iPATCH',
};

/**
 * The request that carries a command to a device's own server. A GET and a DELETE carry no payload (RFC 7252, section 5.8).
 *
 * @param address the device's, from the directory
 * @throws ValidationError when the address is not CoAP's, or the command cannot be sent there as it is
 */
export function toRequest(command: CommandMessage, payload: DevicePayload, address: string): CoapRequest {
  const base = parseAddress(address);
  const isSettings = isSettingsCommand(command);
  const path = parseCoapPath(command.path ?? (isSettings ? settingsPath : ''));
  const extra = parseCoapOptions(command.metadata.options);
  const method = methods[command.method ?? (isSettings ? 'PUT' : 'POST')];
  if (method === undefined) throw unfit('method', `CoAP has no ${command.method}`);

  const options: CoapRequest['options'] = {};
  options['Uri-Path'] = [...base.segments, ...path.segments].map(toBytes);
  options['Uri-Query'] = [...path.queries, ...extra.queries].map(toBytes);
  if (extra.accept !== undefined) options.Accept = extra.accept;
  const request = {
    host: base.host,
    port: base.port,
    method,
    confirmable: command.confirmable ?? true,
    options,
  };
  if (method === 'GET' || method === 'DELETE') {
    if (Object.keys(command.payload).length > 0) {
      throw unfit('method', `${method} carries no payload; use another method, or a query in the path`);
    }
    return { ...request, payload: Buffer.alloc(0) };
  }

  options['Content-Format'] = extra.contentFormat ?? contentFormatOf(payload.contentType);
  if (payload.bytes.length > maxBlockBytes) options.Block1 = blockSizeExponent;
  return { ...request, payload: payload.bytes };
}

function parseAddress(given: string): { host: string; port: number; segments: readonly string[] } {
  const problem = addressProblem(given);
  const { address, zone } = splitZone(given);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.protocol !== 'coap:' || url.hostname === '') {
    const hint = url?.protocol === 'coaps:' ? '; there is no DTLS here' : '';
    throw unfit(
      'deviceId',
      `the directory gives "${withoutCredentials(given)}", which is not coap://host[:port][/path]${hint}`,
    );
  }
  if (problem !== undefined)
    throw unfit('deviceId', `the directory gives "${withoutCredentials(given)}", which ${problem}`);
  return {
    host: `${url.hostname.replace(/^\[(.*)\]$/, '$1')}${zone === undefined ? '' : `%${zone}`}`,
    port: url.port === '' ? defaultPort : Number(url.port),
    segments: parseCoapPath(url.pathname).segments,
  };
}

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}

function unfit(path: string, message: string): ValidationError {
  return new ValidationError('command', [{ path, message }]);
}

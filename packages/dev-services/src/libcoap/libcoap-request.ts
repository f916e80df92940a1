export interface LibcoapRequest {
  /** For example `coap://127.0.0.1:5683/commands/device-7`. */
  readonly url: string;
  /** Default: `get`. */
  readonly method?: 'get' | 'post' | 'put' | 'delete' | 'fetch' | 'patch';
  readonly payload?: string;
  /** Media type or number of the payload's format. */
  readonly contentFormat?: string;
  /** Default: true. */
  readonly confirmable?: boolean;
  /** Further arguments of the program, for example `['-b', '64']`. */
  readonly arguments?: readonly string[];
}

/** The arguments of `coap-client` for a request, with a log of all messages. */
export function requestArguments(request: LibcoapRequest): string[] {
  const { url, method = 'get', payload, contentFormat, confirmable = true } = request;
  return [
    ...['-v', '7', '-m', method],
    ...(payload === undefined ? [] : ['-e', payload]),
    ...(contentFormat === undefined ? [] : ['-t', contentFormat]),
    ...(confirmable ? [] : ['-N']),
    ...(request.arguments ?? []),
    url,
  ];
}

import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { apiKey } from './api-key.js';
import { ApiError } from './client.js';

function noticeRefusal(error: Error): void {
  if (error instanceof ApiError && error.problem.status === 401) apiKey.refuse(error.message);
}

/** The answers of the gateway. A refused request is not sent again; one without an answer is, until there is one. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: noticeRefusal }),
    mutationCache: new MutationCache({ onError: noticeRefusal }),
    defaultOptions: {
      queries: {
        // The gateway may be on this machine, which needs no network.
        networkMode: 'always',
        retry: (count, error) => !(error instanceof ApiError) && count < 2,
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: 'always' },
    },
  });
}

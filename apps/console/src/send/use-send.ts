import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiError, api, contentOf } from '../api/client.js';
import { bodyOf, type Draft } from './draft.js';
import { newRequestId } from './new-request-id.js';

const headers = { 'content-type': 'application/json' };

/** The dry run of a push, and the push. */
export function useSend() {
  // After a lost connection the same request goes out again under the same key, which pushes it once.
  const unanswered = useRef<{ readonly draft: Draft; readonly body: string; readonly key: string }>(
    undefined,
  );

  const check = useMutation({
    mutationFn: (draft: Draft) =>
      contentOf(
        api.POST('/v1/commands:validate', {
          ...{ headers, body: {} as never, bodySerializer: () => bodyOf(draft, Date.now()) },
        }),
      ),
  });

  const send = useMutation({
    async mutationFn(draft: Draft) {
      if (unanswered.current?.draft !== draft) {
        unanswered.current = { draft, body: bodyOf(draft, Date.now()), key: newRequestId() };
      }
      const { body, key } = unanswered.current;
      const params = { header: { 'idempotency-key': key } };
      try {
        const receipt = await contentOf(
          api.POST('/v1/commands', { params, headers, body: {} as never, bodySerializer: () => body }),
        );
        unanswered.current = undefined;
        return receipt;
      } catch (error) {
        if (error instanceof ApiError && !error.problem.retryable) unanswered.current = undefined;
        throw error;
      }
    },
  });
  return { check, send };
}

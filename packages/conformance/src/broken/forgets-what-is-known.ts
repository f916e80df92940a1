import type { Backend } from '@preservarium/backend';

/** Does not ask the application where it resumes. */
export function forgetsWhatIsKnown(backend: Backend): Backend {
  return {
    ...backend,
    subscribe: ({ resumeFrom: _, ...options }) => backend.subscribe(options),
  };
}

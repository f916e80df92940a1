import { useSearchParams } from 'wouter';

export interface CommandFilters {
  readonly state?: string | undefined;
  readonly device?: string | undefined;
  readonly type?: string | undefined;
  readonly protocol?: string | undefined;
}

const names = ['state', 'device', 'type', 'protocol'] as const;

/** The filters of the list, which are in the address: it can be kept, and sent to others. */
export function useFilters(): readonly [CommandFilters, (change: CommandFilters) => void] {
  const [search, setSearch] = useSearchParams();
  const filters = Object.fromEntries(names.map((name) => [name, search.get(name) ?? undefined]));
  const change = (changed: CommandFilters) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changed)) {
          if (value) after.set(name, value);
          else after.delete(name);
        }
        return after;
      },
      { replace: true },
    );
  return [filters, change];
}

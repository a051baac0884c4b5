// How far a reader came, and in which language and theme. Kept in the browser; a page that may not
// keep anything works the same without.

export interface Kept {
  /** The scenario that was looked at last. */
  last?: string;
  /** The event reached in each scenario, and how many there are. */
  at: Record<string, [number, number]>;
  language?: 'en' | 'zh';
  theme?: 'light' | 'dark';
}

const KEY = 'glassmq';

export function kept(store: Pick<Storage, 'getItem'> | undefined = storage()): Kept {
  try {
    const read: unknown = JSON.parse(store?.getItem(KEY) ?? '{}');
    return { at: {}, ...(typeof read === 'object' && read !== null ? read : {}) };
  } catch {
    return { at: {} };
  }
}

export function keep(change: Partial<Kept>, store: Pick<Storage, 'getItem' | 'setItem'> | undefined = storage()): void {
  const was = kept(store);
  try {
    store?.setItem(KEY, JSON.stringify({ ...was, ...change, at: { ...was.at, ...change.at } }));
  } catch {
    // No room, or no leave: nothing is remembered.
  }
}

/** `done`, or `14/25`; nothing before the first step. */
export function progress(of: Kept, scenario: string): string | undefined {
  const [at, total] = of.at[scenario] ?? [0, 0];
  if (at === 0) return undefined;
  return at >= total ? 'done' : `${at}/${total}`;
}

/** A page in a frame may not even ask. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

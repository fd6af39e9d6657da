// Kept: what this tab remembers through a reload, or while the customer is away at a bank.
//
// Owns the place: the tab's session storage, or memory where a browser refuses that. Does not own what is kept there.
const without: Map<string, string> = new Map(); // where a browser refuses storage

export function kept(place: string): string | null {
  try {
    return sessionStorage.getItem(place);
  } catch {
    return without.get(place) ?? null;
  }
}

/** Null: it is forgotten. */
export function keep(place: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, text);
  } catch {
    if (text === null) without.delete(place);
    else without.set(place, text);
  }
}

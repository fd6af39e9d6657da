// Keys: one idempotency key for one payment that somebody wants, however often it is sent.
//
// Kept by this tab (`kept`), so that a reload in the middle sends the same key again. Another tab has another key; there
// the server joins both, for they are about one cart.
import { keep, kept } from './kept';

interface Kept {
  key: string;
  about: string;
}

/** The key of that payment; `about` names it (way and fingerprint), and another payment has another key. */
export function keyFor(cart: string, about: string): string {
  const before = read(cart);
  if (before?.about === about) return before.key;
  const key = crypto.randomUUID();
  const now: Kept = { key, about };
  keep(place(cart), JSON.stringify(now));
  return key;
}

/** The payment has ended: whoever tries again means a new one. */
export function forget(cart: string): void {
  keep(place(cart), null);
}

const place = (cart: string) => `solvent-checkout:${cart}`;

function read(cart: string): Kept | null {
  try {
    return JSON.parse(kept(place(cart)) ?? 'null') as Kept | null;
  } catch {
    return null; // not ours
  }
}

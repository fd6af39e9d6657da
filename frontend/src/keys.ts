// Keys: one idempotency key for one payment that somebody wants, however often it is sent.
//
// Owns where it is kept: in this tab's session storage, so that a reload in the middle sends the same key again. Another
// tab has another key; there the server joins both, for they are about one cart.

interface Kept {
  key: string;
  about: string;
}

/** The key of that payment; `about` names it (way and fingerprint), and another payment has another key. */
export function keyFor(cart: string, about: string): string {
  const kept = read(cart);
  if (kept?.about === about) return kept.key;
  const key = crypto.randomUUID();
  write(cart, { key, about });
  return key;
}

/** The payment has ended: whoever tries again means a new one. */
export function forget(cart: string): void {
  write(cart, null);
}

const place = (cart: string) => `solvent-checkout:${cart}`;
const without: Map<string, Kept> = new Map(); // where a browser refuses storage

function read(cart: string): Kept | undefined {
  try {
    const text = sessionStorage.getItem(place(cart));
    return text === null ? undefined : (JSON.parse(text) as Kept);
  } catch {
    return without.get(cart);
  }
}

function write(cart: string, kept: Kept | null): void {
  try {
    if (kept === null) sessionStorage.removeItem(place(cart));
    else sessionStorage.setItem(place(cart), JSON.stringify(kept));
  } catch {
    if (kept === null) without.delete(cart);
    else without.set(cart, kept);
  }
}

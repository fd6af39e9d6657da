// Providers: the parts that only a provider itself can show (fields for card numbers, its own challenge).
//
// Owns which part belongs to which provider. Each is a chunk of its own and loads its provider's script from the
// provider's own host, hence only when that provider is on and chosen. Does not own when it is asked.
import type { View, Way } from '../api/view';

export interface ProviderPart {
  /** What the customer gave, as the provider's token; null: it is not complete, and the provider says so. */
  token(): Promise<string | null>;
  /** What only the provider can do after the payment was opened; it resolves when that is over. */
  act(clientSecret: string): Promise<void>;
  close(): void;
}

/** The part of that way, in a light child of the element; null: there is none, or it cannot be loaded. */
export async function loadPart(element: HTMLElement, view: View, way: Way): Promise<ProviderPart | null> {
  try {
    if (way.provider === 'stripe') return await (await import('./stripe')).stripePart(element, view, way);
  } catch {
    return null;
  }
  return null;
}

const SCRIPT_MS_MAX = 15_000;

/** Loads a provider's script once. */
export function script(src: string): Promise<void> {
  const found = document.querySelector<HTMLScriptElement>(`script[src="${src}"][data-loaded]`);
  if (found) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = src;
    tag.async = true;
    const late = setTimeout(() => reject(new Error(`${src} did not load in time`)), SCRIPT_MS_MAX);
    tag.onload = () => {
      clearTimeout(late);
      tag.dataset['loaded'] = '';
      resolve();
    };
    tag.onerror = () => {
      clearTimeout(late);
      tag.remove();
      reject(new Error(`${src} could not be loaded`));
    };
    document.head.append(tag);
  });
}

/** A light child in that slot: providers' scripts do not reach into a shadow tree. */
export function slotted(element: HTMLElement, slot: string): HTMLDivElement {
  const place = document.createElement('div');
  place.slot = slot;
  element.append(place);
  return place;
}

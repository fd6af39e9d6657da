// Loading: a provider's script and the place for what it shows. No part of the component itself: parts bring it with them.

/** This device does not have what a way needs. */
export class Missing extends Error {
  override name = 'Missing';
}

const SCRIPT_MS_MAX = 15_000;

/** Loads a provider's script once. */
export function script(src: string, attributes: Record<string, string> = {}): Promise<void> {
  const found = document.querySelector<HTMLScriptElement>(`script[src="${CSS.escape(src)}"][data-loaded]`);
  if (found) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = src;
    tag.async = true;
    for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value);
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

/** A light child in that slot: providers' scripts do not reach into a shadow tree. It goes with `signal`, or is refused. */
export function slotted(element: HTMLElement, slot: string, signal?: AbortSignal): HTMLDivElement {
  signal?.throwIfAborted();
  const place = document.createElement('div');
  place.slot = slot;
  element.append(place);
  signal?.addEventListener('abort', () => place.remove(), { once: true });
  return place;
}

// Turnstile: its own bot check, from its own host, loaded only when it is on.
import { script, slotted } from './loading';

const API = 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit';

declare global {
  interface Window {
    turnstile?: { render(place: HTMLElement, options: object): string; reset(widget: string): void };
  }
}

/** Shows the check; gives back what shows it once more, because a token is good once. */
export async function loadTurnstile(
  element: HTMLElement,
  options: { siteKey: string; language: string },
  took: (token: string | null) => void,
): Promise<() => void> {
  try {
    await script(API);
  } catch {
    return () => undefined; // without it the server refuses, and says so
  }
  const widget = window.turnstile?.render(slotted(element, 'bot'), {
    sitekey: options.siteKey,
    language: options.language,
    callback: took,
    'expired-callback': () => took(null),
    'error-callback': () => took(null),
  });
  return () => {
    if (widget !== undefined) window.turnstile?.reset(widget);
  };
}

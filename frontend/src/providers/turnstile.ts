// Turnstile: its own bot check, from its own host, loaded only when it is on.
import { script, slotted } from '.';

const API = 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit';

declare global {
  interface Window {
    turnstile?: { render(place: HTMLElement, options: object): string };
  }
}

export async function loadTurnstile(
  element: HTMLElement,
  siteKey: string,
  took: (token: string | null) => void,
): Promise<void> {
  try {
    await script(API);
  } catch {
    return; // without it the server refuses, and says so
  }
  window.turnstile?.render(slotted(element, 'bot'), {
    sitekey: siteKey,
    callback: took,
    'expired-callback': () => took(null),
    'error-callback': () => took(null),
  });
}

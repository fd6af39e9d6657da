// Stripe: its own card fields and its own 3-D Secure, by Stripe.js from Stripe's host. No card number reaches us.
import type { View, Way } from '../api/view';
import { type ProviderPart, script, slotted } from '.';

const STRIPE_JS = 'https://js.stripe.com/v3/';

interface Element {
  mount(place: HTMLElement): void;
  destroy(): void;
}
interface Stripe {
  elements(options: { locale: string }): { create(kind: 'card', options: object): Element };
  createPaymentMethod(given: { type: 'card'; card: Element }): Promise<{ paymentMethod?: { id: string } }>;
  handleNextAction(given: { clientSecret: string }): Promise<unknown>;
}
declare global {
  interface Window {
    Stripe?: (key: string) => Stripe;
  }
}

export async function stripePart(element: HTMLElement, view: View, way: Way): Promise<ProviderPart | null> {
  const key = way.setup?.publishable_key;
  if (!key) return null;
  await script(STRIPE_JS);
  const stripe = window.Stripe?.(key);
  if (!stripe) return null;
  const ink = getComputedStyle(element);
  const look = { style: { base: { color: ink.color, fontFamily: ink.fontFamily, fontSize: '16px' } } };
  const card = stripe.elements({ locale: view.locale.slice(0, 2) }).create('card', look);
  const place = slotted(element, 'provider');
  card.mount(place);
  return {
    token: async () => (await stripe.createPaymentMethod({ type: 'card', card })).paymentMethod?.id ?? null,
    act: async (clientSecret) => {
      await stripe.handleNextAction({ clientSecret });
    },
    close: () => {
      card.destroy();
      place.remove();
    },
  };
}

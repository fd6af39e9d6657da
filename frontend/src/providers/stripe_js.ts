// Stripe.js: the library that Stripe serves, as far as our pages use it.
//
// Owns its address, its shapes, and what of ours it has another name or unit for. Does not own any page.
import { script } from './loading';

const STRIPE_JS = 'https://js.stripe.com/dahlia/stripe.js'; // the release that speaks the adapter's version of the API

export interface StripeElement {
  mount(place: HTMLElement): void;
  destroy(): void;
  on(name: string, heard: (event: never) => void): void;
}
export interface Elements {
  create(kind: 'payment' | 'expressCheckout', options: object): StripeElement;
  submit(): Promise<{ error?: StripeError }>;
  update(options: object): void;
}
export interface StripeError {
  type: string;
  message?: string;
}
export interface Confirmation {
  elements: Elements;
  clientSecret: string;
  confirmParams: { return_url: string };
  redirect: 'if_required';
}
export interface Stripe {
  elements(options: object): Elements;
  confirmPayment(given: Confirmation): Promise<{ error?: StripeError }>;
  confirmSetup(given: Confirmation): Promise<{ error?: StripeError }>;
}
declare global {
  interface Window {
    Stripe?: (key: string) => Stripe;
  }
}

/** Stripe of that merchant; raises where it cannot be loaded. */
export async function loadStripe(key: string): Promise<Stripe> {
  await script(STRIPE_JS);
  if (!window.Stripe) throw new Error('Stripe.js is not there');
  return window.Stripe(key);
}

/** Confirms whatever the secret is of; a page of a bank's sends back to `back`. */
export async function confirmed(
  stripe: Stripe,
  elements: Elements,
  clientSecret: string,
  back: string,
): Promise<StripeError | null> {
  const given: Confirmation = {
    elements,
    clientSecret,
    confirmParams: { return_url: back },
    redirect: 'if_required',
  };
  const done = clientSecret.startsWith('seti_') ? stripe.confirmSetup(given) : stripe.confirmPayment(given);
  return (await done).error ?? null;
}

/** How Stripe's fields look beside ours. */
export function appearance(beside: Element): object {
  const style = getComputedStyle(beside);
  const dark = style.colorScheme === 'dark' || (style.colorScheme !== 'light' && prefersDark());
  return {
    theme: dark ? 'night' : 'stripe',
    variables: { fontFamily: style.fontFamily, fontSizeBase: '16px', colorText: style.color },
  };
}

function prefersDark(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

// A test holds both tables against the adapter's.
const HUNDREDTHS = new Set(['ISK', 'UGX']); // currencies without hundredths that Stripe counts in hundredths
const DEBITS: Record<string, string> = {
  AUD: 'au_becs_debit',
  CAD: 'acss_debit',
  EUR: 'sepa_debit',
  GBP: 'bacs_debit',
  NZD: 'nz_bank_account',
  USD: 'us_bank_account',
};

/** Our minor units as Stripe counts them. */
export function units(minor: number, currency: string): number {
  return HUNDREDTHS.has(currency) ? minor * 100 : minor;
}

/** The types of a way's intent: the fields must be for the same ones. */
export function typesOf(kind: string, currency: string): string[] {
  if (kind === 'bank_debit') return [DEBITS[currency] ?? ''];
  return kind === 'card' ? ['card'] : ['card', 'link'];
}

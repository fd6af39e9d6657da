// PayPal's script: as far as our pages use it.
//
// Owns its address, its shapes, and by which name it knows what we have opened. Does not own any page.
import { script } from './loading';

export interface Actions {
  resolve(): Promise<void>;
  reject(): Promise<void>;
}
export interface Buttons {
  isEligible(): boolean;
  render(place: HTMLElement): Promise<void>;
  close(): Promise<void>;
}
export interface PayPal {
  Buttons(options: object): Buttons;
}
/** Whose button it is, in which currency and language. */
export interface Merchant {
  client: string;
  currency: string;
  locale: string;
  nonce: string;
}
declare global {
  interface Window {
    paypal?: PayPal;
  }
}

/** PayPal of that merchant; raises where it cannot be loaded. */
export async function loadPayPal({ nonce, ...merchant }: Merchant): Promise<PayPal> {
  await script(addressOf(merchant), { ...(nonce ? { 'data-csp-nonce': nonce } : {}) });
  if (!window.paypal) throw new Error("PayPal's script is not there");
  return window.paypal;
}

/** PayPal's button, whose window approves what `begin` has opened: an order, or a method without money. */
export function buttonOf(
  paypal: PayPal,
  setup: boolean,
  begin: () => Promise<string>,
  heard: object,
): Buttons {
  const buttons = paypal.Buttons({
    fundingSource: 'paypal',
    style: { height: 48, shape: 'rect', label: setup ? 'paypal' : 'pay' },
    ...(setup ? { createVaultSetupToken: begin } : { createOrder: begin }),
    ...heard,
  });
  if (!buttons.isEligible()) throw new Error('PayPal does not serve this customer by a button');
  return buttons;
}

/** PayPal's name of what was opened, which the address of its own page carries. */
export function nameIn(url: string): string | null {
  const found = new URL(url).searchParams;
  return found.get('approval_session_id') ?? found.get('token'); // of a method without money; of an order
}

function addressOf({ client, currency, locale }: Omit<Merchant, 'nonce'>): string {
  const query = new URLSearchParams({
    'client-id': client,
    currency,
    intent: 'capture',
    components: 'buttons',
    locale: locale.startsWith('de') ? 'de_DE' : 'en_US',
  });
  return `https://www.paypal.com/sdk/js?${query}`;
}

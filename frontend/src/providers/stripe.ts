// Stripe in the checkout: its own fields for cards and bank accounts, and the buttons of the wallets that this device has.
//
// Owns the order of its calls. The fields stand before there is an intent, which is opened when the customer pays; no card
// number reaches us, and its 3-D Secure is shown in the page. Does not own the library (`stripe_js`).
import type { View } from '../api/view';
import type { Place, ProviderPart } from '.';
import { Missing, slotted } from './loading';
import {
  appearance,
  confirmed,
  type Elements,
  loadStripe,
  type Stripe,
  type StripeElement,
  typesOf,
  units,
} from './stripe_js';

const WALLETS: Record<string, string> = { apple_pay: 'applePay', google_pay: 'googlePay', link: 'link' };
const READY_MS_MAX = 15_000;

interface Clicked {
  resolve(): void;
  reject(): void;
}
interface Confirmed {
  paymentFailed(why: { reason: 'fail' }): void;
}

export async function stripePart(place: Place): Promise<ProviderPart> {
  const { element, view, way, hand, back, signal } = place;
  const stripe = await loadStripe(way.setup?.publishable_key ?? '');
  signal.throwIfAborted();
  const elements = stripe.elements({
    ...amountOf(view),
    currency: view.currency.toLowerCase(),
    paymentMethodTypes: typesOf(way.kind, view.currency),
    locale: view.locale.slice(0, 2),
    appearance: appearance(element),
  });
  const act = async (action: { client_secret: string | null }) => {
    await confirmed(stripe, elements, action.client_secret ?? '', back());
  };
  const wallet = WALLETS[way.kind];
  const shown = wallet ? express(elements, wallet) : fields(elements, view);
  const box = slotted(element, 'provider', signal);
  const part: ProviderPart = {
    hasButton: Boolean(wallet),
    complete: async () => (await elements.submit()).error === undefined,
    act,
    update: (now) => elements.update(amountOf(now)),
    close: () => {
      shown.destroy();
      box.remove();
    },
  };
  if (wallet) listen(shown, { stripe, elements, hand, back });
  const ready = readiness(shown, wallet, signal);
  shown.mount(box);
  try {
    await ready;
  } catch (why) {
    part.close();
    throw why;
  }
  return part;
}

function fields(elements: Elements, view: View): StripeElement {
  return elements.create('payment', {
    wallets: { applePay: 'never', googlePay: 'never' }, // which are ways of their own
    defaultValues: { billingDetails: { name: view.account.name } },
  });
}

function express(elements: Elements, wallet: string): StripeElement {
  const others = ['amazonPay', 'applePay', 'googlePay', 'klarna', 'link', 'paypal'];
  const paymentMethods = Object.fromEntries(
    others.map((name) => [name, name !== wallet ? 'never' : name === 'link' ? 'auto' : 'always']),
  );
  return elements.create('expressCheckout', { paymentMethods, buttonHeight: 48 });
}

/** What happens at the wallet's own button. */
function listen(
  shown: StripeElement,
  at: { stripe: Stripe; elements: Elements } & Pick<Place, 'hand' | 'back'>,
): void {
  shown.on('click', (event: Clicked) => (at.hand.ready() ? event.resolve() : event.reject()));
  shown.on('confirm', async (event: Confirmed) => {
    const wrong = (await at.elements.submit()).error;
    const action = wrong ? null : await at.hand.open();
    if (!action?.client_secret) return event.paymentFailed({ reason: 'fail' });
    const error = await confirmed(at.stripe, at.elements, action.client_secret, at.back());
    if (error) event.paymentFailed({ reason: 'fail' });
    await at.hand.over();
  });
}

/** Waits until it is there or not wanted any more; a wallet that this device does not have is missing. */
function readiness(shown: StripeElement, wallet: string | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('Stripe did not show its part in time')), READY_MS_MAX);
    const done = (then: () => void) => {
      clearTimeout(late);
      then();
    };
    shown.on('ready', (event: { availablePaymentMethods?: Record<string, boolean> }) => {
      const has = !wallet || Boolean(event.availablePaymentMethods?.[wallet]);
      done(() => (has ? resolve() : reject(new Missing(wallet))));
    });
    signal.addEventListener('abort', () => done(() => reject(signal.reason)), { once: true });
    shown.on('loaderror', () => done(() => reject(new Error('Stripe did not load its part'))));
  });
}

function amountOf(view: View): object {
  if (view.due_now === 0) return { mode: 'setup' };
  return {
    mode: 'payment',
    amount: units(view.due_now, view.currency),
    setupFutureUsage: 'off_session', // as the intent is: what is paid with is kept
  };
}

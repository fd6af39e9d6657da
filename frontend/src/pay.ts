// Pay: a provider's own fields or button on a page that the server has rendered: the page to pay a debt on, and the portal.
//
// Owns what is pressed and what is told when the provider is not reached. The payment is open already; its address to come
// back to asks how it went, so nothing here decides anything. Does not own the page (`web/pages`), nor the providers'
// libraries.
import { buttonOf, loadPayPal, nameIn } from './providers/paypal_js';
import { appearance, confirmed, type Elements, loadStripe, type Stripe } from './providers/stripe_js';

const KNOWN_TO_THE_SERVER = new Set(['card_error', 'invalid_request_error']); // what is kept with the payment

const box = document.getElementById('provider');
const button = document.getElementById('provider-pay');
const told = document.getElementById('provider-told');
if (box?.hasAttribute('data-url')) void approve(box);
else if (box && button && told) void start(box, button, told);

async function start(place: HTMLElement, act: HTMLElement, says: HTMLElement): Promise<void> {
  const { key = '', secret = '', lacking = '' } = place.dataset;
  try {
    const stripe = await loadStripe(key);
    const elements = stripe.elements({
      clientSecret: secret,
      locale: document.documentElement.lang,
      appearance: appearance(place),
    });
    const fields = elements.create('payment', {});
    fields.on('ready', () => act.setAttribute('aria-disabled', 'false'));
    fields.on('loaderror', () => {
      says.textContent = lacking;
    });
    fields.mount(place);
    let underWay = false;
    act.addEventListener('click', async () => {
      if (underWay || act.getAttribute('aria-disabled') === 'true') return;
      underWay = true;
      act.setAttribute('aria-disabled', 'true');
      says.textContent = '';
      try {
        await pay(stripe, elements, place, says);
      } catch {
        says.textContent = lacking;
      } finally {
        underWay = false;
        act.setAttribute('aria-disabled', 'false');
      }
    });
  } catch {
    says.textContent = lacking;
  }
}

/** PayPal's button stands in for the way to its page, which stays where the button cannot be had. */
async function approve(place: HTMLElement): Promise<void> {
  const { key = '', url = '', currency = '', setup, back = '' } = place.dataset;
  const name = nameIn(url);
  if (!name) return;
  const over = () => location.assign(back);
  const locale = document.documentElement.lang;
  try {
    const paypal = await loadPayPal({ client: key, currency, locale, nonce: place.nonce ?? '' });
    const heard = { onApprove: over, onError: over };
    await buttonOf(paypal, setup !== undefined, async () => name, heard).render(place);
    document.getElementById('provider-page')?.setAttribute('hidden', '');
  } catch {
    place.replaceChildren();
  }
}

async function pay(stripe: Stripe, elements: Elements, place: HTMLElement, says: HTMLElement): Promise<void> {
  const { secret = '', back = '', lacking = '' } = place.dataset;
  if ((await elements.submit()).error) return; // its fields say what is missing
  const error = await confirmed(stripe, elements, secret, new URL(back, location.href).href);
  if (error && !KNOWN_TO_THE_SERVER.has(error.type)) says.textContent = error.message ?? lacking;
  else location.assign(back);
}

// Pay: a provider's own fields on a page that the server has rendered: the page to pay a debt on, and the portal.
//
// Owns the button and what is told when the provider is not reached. The payment is open already; its address to come back
// to asks how it went, so nothing here decides anything. Does not own the page (`web/pages`), nor Stripe's library.
import { appearance, confirmed, type Elements, loadStripe, type Stripe } from './providers/stripe_js';

const KNOWN_TO_THE_SERVER = new Set(['card_error', 'invalid_request_error']); // what is kept with the payment

const box = document.getElementById('provider');
const button = document.getElementById('provider-pay');
const told = document.getElementById('provider-told');
if (box && button && told) void start(box, button, told);

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

async function pay(stripe: Stripe, elements: Elements, place: HTMLElement, says: HTMLElement): Promise<void> {
  const { secret = '', back = '', lacking = '' } = place.dataset;
  if ((await elements.submit()).error) return; // its fields say what is missing
  const error = await confirmed(stripe, elements, secret, new URL(back, location.href).href);
  if (error && !KNOWN_TO_THE_SERVER.has(error.type)) says.textContent = error.message ?? lacking;
  else location.assign(back);
}

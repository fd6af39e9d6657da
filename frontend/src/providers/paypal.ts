// PayPal in the checkout: its own button, whose window approves the order that our attempt has opened.
//
// Owns the order of its calls. Without it the customer is sent to PayPal's page instead, which does the same. Does not own
// the order (the adapter makes it), nor its capture (our confirmation).
import type { Action, View } from '../api/view';
import type { Place, ProviderPart } from '.';
import { script, slotted } from './loading';

interface Actions {
  resolve(): Promise<void>;
  reject(): Promise<void>;
}
interface Buttons {
  isEligible(): boolean;
  render(place: HTMLElement): Promise<void>;
  close(): Promise<void>;
}
declare global {
  interface Window {
    paypal?: { Buttons(options: object): Buttons };
  }
}

export async function paypalPart({ element, view, way, hand, signal }: Place): Promise<ProviderPart> {
  const setup = view.due_now === 0;
  await script(addressOf(way.setup?.publishable_key ?? '', view), {
    ...(element.nonce ? { 'data-csp-nonce': element.nonce } : {}),
  });
  if (!window.paypal) throw new Error("PayPal's script is not there");
  const begin = async (): Promise<string> => {
    const action = await hand.open();
    const name = action && nameIn(action);
    if (!name) throw new Error('not opened'); // which the page has told
    return name;
  };
  const buttons = window.paypal.Buttons({
    fundingSource: 'paypal',
    style: { height: 48, shape: 'rect', label: setup ? 'paypal' : 'pay' },
    onClick: (_: unknown, actions: Actions) => (hand.ready() ? actions.resolve() : actions.reject()),
    ...(setup ? { createVaultSetupToken: begin } : { createOrder: begin }),
    onApprove: () => hand.over(),
    onCancel: () => hand.left(),
    onError: () => hand.over(),
  });
  if (!buttons.isEligible()) throw new Error('PayPal does not serve this customer by a button');
  const box = slotted(element, 'provider', signal);
  await buttons.render(box);
  return {
    hasButton: true,
    complete: async () => true,
    act: async () => undefined,
    update: () => undefined,
    close: () => {
      void buttons.close();
      box.remove();
    },
  };
}

function addressOf(client: string, view: View): string {
  const query = new URLSearchParams({
    'client-id': client,
    currency: view.currency,
    intent: 'capture',
    components: 'buttons',
    locale: view.locale.startsWith('de') ? 'de_DE' : 'en_US',
  });
  return `https://www.paypal.com/sdk/js?${query}`;
}

/** PayPal's name of what was opened, which its own address carries. */
function nameIn(action: Action): string | null {
  if (!action.url) return null;
  const found = new URL(action.url).searchParams;
  return found.get('approval_session_id') ?? found.get('token'); // of a method without money; of an order
}

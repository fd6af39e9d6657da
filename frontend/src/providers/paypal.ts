// PayPal in the checkout: its own button, whose window approves the order that our attempt has opened.
//
// Owns the order of its calls. Without it the customer is sent to PayPal's page instead, which does the same. Does not own
// the order (the adapter makes it), its capture (our confirmation), nor PayPal's script (`paypal_js`).
import type { Place, ProviderPart } from '.';
import { slotted } from './loading';
import { type Actions, buttonOf, loadPayPal, nameIn } from './paypal_js';

export async function paypalPart({ element, view, way, hand, signal }: Place): Promise<ProviderPart> {
  const paypal = await loadPayPal({
    client: way.setup?.publishable_key ?? '',
    currency: view.currency,
    locale: view.locale,
    nonce: element.nonce ?? '',
  });
  const begin = async (): Promise<string> => {
    const url = (await hand.open())?.url;
    const name = url ? nameIn(url) : null;
    if (!name) throw new Error('not opened'); // which the page has told
    return name;
  };
  const buttons = buttonOf(paypal, view.due_now === 0, begin, {
    onClick: (_: unknown, actions: Actions) => (hand.ready() ? actions.resolve() : actions.reject()),
    onApprove: () => hand.over(),
    onCancel: () => hand.left(),
    onError: () => hand.over(),
  });
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

// Wallet sheet: what a phone's wallet shows before it pays, played for the sandbox provider.
import { html, nothing, type TemplateResult } from 'lit';
import type { View } from '../api/view';
import type { House } from './house';
import * as icons from './icons';

export const WALLETS: Record<string, string> = {
  apple_pay: 'Apple Pay',
  google_pay: 'Google Pay',
  link: 'Link',
};

const CARDS = [
  { label: 'Visa •••• 4242', token: 'tok_4242424242424242', word: 'test_succeeds' },
  { label: 'Visa •••• 3155', token: 'tok_4000002500003155', word: 'test_challenged' },
  { label: 'Visa •••• 0002', token: 'tok_4000000000000002', word: 'test_declined' },
] as const;

export class WalletSheet {
  private kind: string | null = null;
  private answer: ((token: string | null) => void) | null = null;

  constructor(private readonly house: House) {}

  /** Shows the sheet; the token of the card that was confirmed, or null: it was left. */
  async ask(_view: View, kind: string): Promise<string | null> {
    this.kind = kind;
    this.house.requestUpdate();
    await this.house.updateComplete;
    const dialog = this.house.renderRoot.querySelector('dialog');
    if (!dialog) return null;
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  render(view: View): TemplateResult | typeof nothing {
    if (this.kind === null) return nothing;
    const wallet = WALLETS[this.kind] ?? '';
    return html`<dialog class="sheet ${this.kind}" aria-labelledby="sheet-title" @close=${this.closed}>
      <form method="dialog">
        <div class="sheet-head">
          <h2 id="sheet-title">${this.house.say('sheet_title', { wallet })}</h2>
          <button class="icon" value="" formnovalidate aria-label=${this.house.say('cancel')}>${icons.cross}</button>
        </div>
        <p class="sheet-sum"><span>${this.house.say('sheet_for', { merchant: view.merchant.name })}</span><b class="sum">${this.house.money(view.due_now)}</b></p>
        <fieldset>
          <legend>${this.house.say('sheet_card')}</legend>
          ${CARDS.map(
            (
              one,
              place,
            ) => html`<label class="sheet-card"><input type="radio" name="card" value=${one.token} ?checked=${place === 0} />
              <span><b>${one.label}</b> <span class="soft">${this.house.say(one.word)}</span></span></label>`,
          )}
        </fieldset>
        <button class="act" value="pay" autofocus>${this.house.say('sheet_confirm', { wallet })}</button>
        <p class="soft">${this.house.say('sheet_note')}</p>
      </form>
    </dialog>`;
  }

  private closed = (event: Event): void => {
    const dialog = event.target as HTMLDialogElement;
    const form = dialog.querySelector('form');
    const card = form ? new FormData(form).get('card') : null;
    this.answer?.(dialog.returnValue === 'pay' && card ? String(card) : null);
    this.answer = null;
    this.kind = null;
    this.house.requestUpdate();
  };
}

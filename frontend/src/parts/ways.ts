// Ways: how to pay, in the server's order, and what the chosen one needs.
//
// Owns the choice. It is kept by the way's id, so that it lives through new views, a reload, and a bank's page that refused.
// Does not own the payment (`session`).
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type View, type Way, wayId } from '../api/view';
import { keep, kept } from '../kept';
import { type Hand, hasPart, isMissing, loadPart, type ProviderPart } from '../providers';
import { returnAddress } from '../session';
import { isWord, type Word } from '../words';
import { CardForm } from './card_form';
import type { House } from './house';
import * as icons from './icons';
import { WALLETS, WalletSheet } from './wallet_sheet';

const SUBS: Record<string, Word> = {
  card: 'sub_card',
  paypal: 'sub_redirect',
  apple_pay: 'sub_wallet',
  google_pay: 'sub_wallet',
  link: 'sub_wallet',
  bank_debit: 'sub_bank_debit',
  transfer: 'sub_transfer',
};

/** What the customer gave for a way: a token, nothing where none is needed, or that something is still wrong. */
export type Given = { token: string | null } | 'not yet';

/** A provider's own part, of a way and of whether money moves; neither `ready` nor `failed`: it is being loaded. */
interface Loaded {
  id: string;
  ready: ProviderPart | null;
  failed: boolean;
  leave: AbortController;
}

export class Ways {
  private chosen: string | null = null;
  private all = false; // whoever has a method on file sees others only on demand
  private readonly form: CardForm;
  private readonly sheet: WalletSheet;
  private part: Loaded | null = null;

  constructor(private readonly house: House) {
    this.form = new CardForm(house);
    this.sheet = new WalletSheet(house);
  }

  way(view: View): Way | null {
    this.chosen ??= kept(place(view));
    return view.ways.find((way) => wayId(way) === this.chosen) ?? view.ways[0] ?? null;
  }

  render(view: View): TemplateResult {
    const chosen = this.way(view);
    const merchant = view.merchant.name;
    if (!chosen) return html`<p class="notice warn">${this.house.say('no_way', { merchant })}</p>`;
    const shown = this.all || !chosen.method_id ? view.ways : view.ways.filter((way) => way.method_id);
    return html`<fieldset class="ways">
        <legend class="unseen">${this.house.say('payment')}</legend>
        ${repeat(shown, wayId, (way) => this.choice(view, way, way === chosen))}
      </fieldset>
      ${shown.length < view.ways.length ? this.more() : nothing}
      ${this.sheet.render(view)}`;
  }

  /** What the chosen way needs of the customer: reads the form, opens the sheet, or asks the provider's own part. */
  async given(view: View, way: Way, now: Date): Promise<Given> {
    const needs = this.needs(view, way);
    if (needs === 'card' || needs === 'account') {
      const token = this.form.token(needs, now);
      return token === null ? 'not yet' : { token };
    }
    if (needs === 'sheet') {
      const token = await this.sheet.ask(view, way.kind);
      return token === null ? 'not yet' : { token };
    }
    if (needs === 'part') return (await this.part?.ready?.complete()) ? { token: null } : 'not yet';
    return { token: null };
  }

  /** The provider's own part of that way, once it is there; null: it is being loaded, cannot be, or none is needed. */
  provided(view: View, way: Way): ProviderPart | null {
    return this.part?.id === partId(view, way) ? this.part.ready : null;
  }

  /** Whether a part is needed that is not there: until it is, nothing can be paid in that way. */
  lacks(view: View, way: Way): boolean {
    return this.needs(view, way) === 'part' && this.provided(view, way) === null;
  }

  /** Loads what the chosen way needs of its provider: only then, and only for a provider that is on. */
  async load(view: View, hand: Hand): Promise<void> {
    const way = this.way(view);
    if (!way || needsOf(way) !== 'part') return;
    const id = partId(view, way);
    if (this.part?.id === id) return this.part.ready?.update(view);
    this.part?.leave.abort();
    this.part?.ready?.close();
    const part: Loaded = { id, ready: null, failed: false, leave: new AbortController() };
    this.part = part;
    try {
      const ready = await loadPart({
        element: this.house as House & HTMLElement,
        view,
        way,
        hand,
        back: returnAddress,
        signal: part.leave.signal,
      });
      if (this.part !== part) return ready.close();
      part.ready = ready;
    } catch (why) {
      part.failed = true;
      if (this.part !== part) return;
      // An agreement is approved on its own page too: nobody has to know that there is a button.
      if (way.kind !== 'paypal') this.house.session.tell({ kind: isMissing(why) ? 'missing' : 'provider' });
    }
    this.house.requestUpdate();
  }

  private more(): TemplateResult {
    const show = () => {
      this.all = true;
      this.house.focusOn('.ways input:checked');
    };
    return html`<button type="button" class="quiet other" aria-expanded="false" @click=${show}>${this.house.say('other_way')}</button>`;
  }

  private choice(view: View, way: Way, chosen: boolean): TemplateResult {
    const id = `way-${wayId(way).replace(/[^\w-]/g, '-')}`;
    const saved = Boolean(way.method_id);
    const sub = saved ? 'sub_saved_card' : SUBS[way.kind];
    // Until when a card is valid comes with its name, after a dot: that is told below it, where there is room.
    const [name, ...more] = labelOf(this.house, way).split(' · ');
    if (sub) more.push(this.house.say(sub));
    const choose = () => {
      this.chosen = wayId(way);
      keep(place(view), this.chosen);
      this.house.requestUpdate();
    };
    return html`<div class="way ${chosen ? 'chosen' : ''}">
      <label for=${id}>
        <input type="radio" name="way" id=${id} value=${wayId(way)} .checked=${chosen} @change=${choose} />
        <span class="label"><b>${name}</b>${more.length ? html`<span class="soft">${more.join(' · ')}</span>` : nothing}</span>
        <span class="sign">${icons.signOf(way.kind, saved)}</span>
      </label>
      ${chosen ? this.needed(view, way) : nothing}
    </div>`;
  }

  /** As `needsOf`, but for an agreement whose button could not be loaded: that is approved on the provider's page. */
  private needs(view: View, way: Way): ReturnType<typeof needsOf> {
    const failed = this.part?.id === partId(view, way) && this.part.failed;
    return failed && way.kind === 'paypal' ? 'nothing' : needsOf(way);
  }

  private needed(view: View, way: Way): TemplateResult | typeof nothing {
    const needs = this.needs(view, way);
    if (needs === 'card' || needs === 'account') return this.form.render(needs);
    if (needs === 'part') {
      const failed = this.part?.id === partId(view, way) && this.part.failed;
      const waits = this.lacks(view, way) && !failed;
      return html`<div class="card-form ${failed ? '' : roomOf(way)}" aria-busy=${waits}>
        ${waits ? html`<p class="soft"><span class="turning"></span> ${this.house.say('part_loading')}</p>` : nothing}
        <slot name="provider"></slot>
      </div>`;
    }
    return nothing;
  }
}

export function labelOf(house: House, way: Way): string {
  const word = `way_${way.kind}`;
  return !way.method_id && isWord(word) ? house.say(word) : way.label;
}

/** Whose part stands between choosing a way and paying with it. */
export function needsOf(way: Way): 'nothing' | 'card' | 'account' | 'sheet' | 'part' {
  if (way.method_id || way.kind === 'none') return 'nothing';
  if (way.provider === 'sandbox') {
    if (way.kind in WALLETS) return 'sheet';
    return way.kind === 'bank_debit' ? 'account' : way.kind === 'card' ? 'card' : 'nothing';
  }
  return hasPart(way) ? 'part' : 'nothing';
}

/** The room that a part has from the beginning, so that nothing below it moves when it comes. */
const roomOf = (way: Way) => (way.kind === 'card' || way.kind === 'bank_debit' ? 'for-fields' : 'for-button');

const place = (view: View) => `solvent-way:${view.id}`;

/** Fields for a payment are not those for a method without money. */
function partId(view: View, way: Way): string {
  return `${wayId(way)} ${view.currency} ${view.due_now > 0 ? 'payment' : 'setup'}`;
}

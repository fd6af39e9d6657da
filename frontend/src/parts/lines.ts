// Lines: what is in the order, and what can be changed of it.
//
// Owns steps of a quantity: several quick ones become one request. Does not own what anything costs.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Line, Offer, Result, View } from '../api/view';
import { isWord, type Word } from '../words';
import type { House } from './house';
import * as icons from './icons';

const STILL_MS = 350; // after the last step
const OUTCOMES: Record<Result['state'], [Word, string]> = {
  active: ['state_active', 'good'],
  pending: ['state_pending', ''],
  failed: ['state_failed', 'warn'],
  refunded: ['state_refunded', 'warn'],
};

export class Lines {
  private readonly wanted = new Map<string, number>();
  private still: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly house: House) {}

  /** Whether something was stepped that the server does not know yet. */
  get unsent(): boolean {
    return this.wanted.size > 0;
  }

  render(view: View, locked: boolean): TemplateResult {
    if (view.lines.length === 0) return html`<p class="soft empty">${this.house.say('empty')}</p>`;
    return html`<ul class="lines">
      ${repeat(
        view.lines,
        (line) => line.id,
        (line) => this.line(view, line, locked),
      )}
    </ul>`;
  }

  private line(view: View, line: Line, locked: boolean): TemplateResult {
    const outcome = view.result?.lines.find((one) => one.id === line.id);
    return html`<li class="line">
      <div class="what">
        <span class="name">${line.name}</span>
        ${isThing(line) ? html`<span class="object">${shown(line.object)}</span>` : nothing}
        <span class="soft">${line.interval ? this.house.tongue.every(line.interval) : this.house.say('once')}</span>
        ${outcome ? this.outcome(outcome) : nothing}
      </div>
      <div class="price">
        <span class="sum">${this.house.money(line.amount)}</span>
        ${line.editable && !locked ? this.remove(line) : nothing}
      </div>
      ${
        locked
          ? nothing
          : html`<div class="edit">
            ${steppable(line) ? this.stepper(line) : nothing}
            ${line.offer ? this.offer(view, line, line.offer) : nothing}
          </div>`
      }
    </li>`;
  }

  private outcome({ state, reason }: Result): TemplateResult {
    const [word, kind] = OUTCOMES[state];
    const why = reason && state !== 'active' ? html`<span class="soft">${this.why(reason)}</span>` : nothing;
    return html`<span class="badge ${kind}">${this.house.say(word)}</span>${why}`;
  }

  private why(reason: string): string {
    const word = `reason_${reason}`;
    return isWord(word) ? this.house.say(word) : reason;
  }

  private stepper(line: Line): TemplateResult {
    const now = this.wanted.get(line.id) ?? line.quantity;
    const { min: least, max: most } = line;
    const name = named(line);
    return html`<div class="stepper" role="group" aria-label=${this.house.say('quantity', { name })}>
      <button type="button" aria-label=${this.house.say('less', { name })} aria-disabled=${now <= least} @click=${() => now > least && this.step(line, now - 1)}>${icons.minus}</button>
      <input inputmode="numeric" autocomplete="off" maxlength="7" aria-label=${this.house.say('quantity', { name })} .value=${String(now)}
        @change=${(event: Event) => this.typed(line, event.target as HTMLInputElement)} />
      <button type="button" aria-label=${this.house.say('more', { name })} aria-disabled=${now >= most} @click=${() => now < most && this.step(line, now + 1)}>${icons.plus}</button>
    </div>`;
  }

  private offer(view: View, line: Line, offer: Offer): TemplateResult {
    const saves = offer.saves
      ? ` · ${this.house.say('saves', { amount: this.house.money(offer.saves) })}`
      : '';
    const take = () =>
      void this.house.session.edit((client) => client.changeLine(line.id, { price_id: offer.price_id }));
    return html`<button type="button" class="offer" ?hidden=${view.state !== 'open'} @click=${take}>${icons.swap}<span>${this.house.say('switch', { name: offer.name, interval: this.house.tongue.every(offer.interval).toLowerCase() })}${saves}</span></button>`;
  }

  private remove(line: Line): TemplateResult {
    const name = named(line);
    return html`<button type="button" class="icon" aria-label=${this.house.say('remove', { name })} @click=${() => this.dropped(line)}>${icons.cross}</button>`;
  }

  private async dropped(line: Line): Promise<void> {
    this.wanted.delete(line.id);
    if (await this.house.session.edit((client) => client.removeLine(line.id))) this.house.focusOn('#order');
  }

  private typed(line: Line, input: HTMLInputElement): void {
    const quantity = Number.parseInt(input.value, 10);
    if (!Number.isSafeInteger(quantity) || quantity < 0) input.value = String(line.quantity);
    else this.step(line, quantity);
  }

  private step(line: Line, quantity: number): void {
    this.wanted.set(line.id, quantity);
    clearTimeout(this.still);
    this.still = setTimeout(() => void this.send(), STILL_MS);
    this.house.requestUpdate();
  }

  private async send(): Promise<void> {
    if (this.house.session.busy) {
      this.still = setTimeout(() => void this.send(), STILL_MS);
      return;
    }
    for (const [id, quantity] of [...this.wanted]) {
      await this.house.session.edit((client) => client.changeLine(id, { quantity }));
      if (this.wanted.get(id) === quantity) this.wanted.delete(id);
    }
    this.house.requestUpdate();
  }
}

/** Whether it is for something with a name of its own, and not for the account as a whole. */
function isThing(line: Line): boolean {
  return line.object.includes(':');
}

function steppable(line: Line): boolean {
  return line.editable && line.max > line.min;
}

/** `zone:example.com` is a kind and a name; people know the name. */
function shown(object: string): string {
  return object.slice(object.indexOf(':') + 1);
}

function named(line: Line): string {
  return isThing(line) ? `${line.name} ${shown(line.object)}` : line.name;
}

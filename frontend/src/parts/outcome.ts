// Outcome: what is shown instead of a form: under way, one step left, paid, ended.
import { html, nothing, type TemplateResult } from 'lit';
import type { View } from '../api/view';
import { actionOf } from '../session';
import type { Word } from '../words';
import type { House } from './house';
import * as icons from './icons';

/** The panel of a state in which nothing can be paid here; null: it can. */
export function outcome(house: House, view: View): TemplateResult | null {
  const kind = actionOf(view)?.kind;
  switch (view.state) {
    case 'partly_refunded':
      return thanks(house, view, 'partly_title', 'partly');
    case 'paid':
      if (isPartly(view)) return thanks(house, view, 'partly_title', 'partly');
      return thanks(house, view, 'paid_title', view.due_now > 0 ? 'paid' : 'paid_nothing');
    case 'expired':
      return ended(house, view, 'expired_title', 'expired');
    case 'canceled':
      return ended(house, view, 'canceled_title', 'canceled');
    case 'paying':
      if (kind === 'redirect') return oneStep(house, view);
      return kind === 'confirm' ? null : underWay(house, view);
    case 'open':
      return null;
  }
}

/** Whether something that was paid cannot be delivered, with its refund still on its way. */
function isPartly(view: View): boolean {
  return view.result?.lines.some((line) => line.state === 'failed') ?? false;
}

function oneStep(house: House, view: View): TemplateResult {
  const url = view.attempt?.next_action?.url ?? '';
  return html`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1">${house.say('action_title')}</h2>
    <p>${house.say('action', { amount: house.money(view.due_now) })}</p>
    ${/^https?:/.test(url) ? html`<a class="act" href=${url} rel="noreferrer">${house.say('go_on')}${icons.away}</a>` : nothing}
    ${otherWay(house)}
  </section>`;
}

function underWay(house: House, view: View): TemplateResult {
  const again = () => void house.session.refresh();
  const instructions = view.attempt?.next_action?.instructions;
  if (instructions) return transfer(house, view, instructions);
  return html`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1"><span class="turning"></span> ${house.say('paying_title')}</h2>
    <p>${house.say('paying')}</p>
    <button type="button" class="quiet" @click=${again}>${house.say('look_again')}</button>
  </section>`;
}

function transfer(house: House, view: View, instructions: string): TemplateResult {
  return html`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1">${house.say('transfer_title', { amount: house.money(view.due_now) })}</h2>
    <p class="notice">${instructions}</p>
    <p>${house.say('transfer')}</p>
    ${otherWay(house)}
  </section>`;
}

export function otherWay(house: House): TemplateResult {
  return html`<button type="button" class="text" @click=${() => void house.session.cancelPayment()}>${house.say('other_way')}</button>`;
}

function thanks(house: House, view: View, title: Word, text: Word): TemplateResult {
  const { result } = view;
  return html`<section class="panel done" aria-labelledby="outcome">
    <span class="tick ${title === 'paid_title' ? '' : 'warn'}">${icons.check}</span>
    <h2 id="outcome" tabindex="-1">${house.say(title)}</h2>
    <p>${house.say(text, { amount: house.money(view.due_now) })}</p>
    ${result?.number ? html`<p class="soft">${house.say('invoice', { number: result.number })}</p>` : nothing}
    ${result?.pdf_url ? html`<a class="quiet" href=${house.session.file(result.pdf_url)} target="_blank" rel="noopener">${icons.paper}${house.say('download')}</a>` : nothing}
    ${view.success_url ? html`<a class="act" href=${view.success_url}>${house.say('continue')}</a>` : nothing}
  </section>`;
}

function ended(house: House, view: View, title: Word, text: Word): TemplateResult {
  const merchant = view.merchant.name;
  return html`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1">${house.say(title)}</h2>
    <p>${house.say(text)}</p>
    ${view.cancel_url ? html`<a class="act" href=${view.cancel_url}>${house.say('back', { merchant })}</a>` : nothing}
  </section>`;
}

// Totals: what it comes to, with its explanation, and what comes later.
import { html, nothing, type TemplateResult } from 'lit';
import type { View } from '../api/view';
import type { Word } from '../words';
import type { House } from './house';

function taxLabel(house: House, tax: View['taxes'][number]): string {
  const label = tax.rate ? `${tax.label} (${house.tongue.rate(tax.rate)})` : tax.label;
  return tax.included ? house.say('tax_included', { label }) : label;
}

function couponLabel(house: House, coupon: View['discounts'][number]): string {
  const off = coupon.percent ? house.tongue.rate(coupon.percent) : house.money(coupon.fixed ?? 0);
  return house.say('coupon_off', { name: coupon.name, off });
}

// What the sum is called where nothing is due any more.
const DUE: Record<string, Word> = {
  paid: 'amount_paid',
  partly_refunded: 'amount_paid',
  canceled: 'order_total',
  expired: 'order_total',
};
const RENEWS: Record<string, Word> = { month: 'renews_month', year: 'renews_year' };

export function totals(house: House, view: View): TemplateResult {
  const row = (label: string, amount: number, kind = '') =>
    html`<div class=${kind}><dt>${label}</dt><dd class="sum">${house.money(amount)}</dd></div>`;
  const over = DUE[view.state] === 'order_total';
  const plain = view.discounts.length === 0 && view.taxes.length === 0 && view.credit_used === 0;
  return html`<dl class="totals" aria-busy=${house.session.busy === 'edit'}>
      ${plain ? nothing : row(house.say('subtotal'), view.subtotal)}
      ${view.discounts.map((one) => row(couponLabel(house, one), -Math.abs(one.amount), 'good'))}
      ${view.taxes.map((one) => row(taxLabel(house, one), one.amount, one.included ? 'soft' : ''))}
      ${view.credit_used ? row(house.say('credit_used'), -view.credit_used, 'good') : nothing}
      ${row(house.say(DUE[view.state] ?? 'due_now'), view.due_now, 'due')}
    </dl>
    ${
      over
        ? nothing
        : view.renews
            .filter((one) => one.amount > 0)
            .map((one) => {
              const places = { amount: house.money(one.amount), date: house.tongue.day(one.at) };
              return html`<p class="soft">${house.say(RENEWS[one.interval.count === 1 ? one.interval.unit : ''] ?? 'renews_other', places)}</p>`;
            })
    }
    <details class="worked">
      <summary>${house.say('worked_out')}</summary>
      <ul>
        ${view.lines.map((line) => html`<li><b>${line.name}</b> ${line.explanation}</li>`)}
      </ul>
    </details>`;
}

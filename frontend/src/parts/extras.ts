// Extras: coupons and domains that can be added to the order. Each is a small form behind a button.
import { html, nothing, type TemplateResult } from 'lit';
import type { Domain, View } from '../api/view';
import type { Notice } from '../session';
import type { House } from './house';
import * as icons from './icons';

const NAME_MAX = 253;
const CODE_MAX = 64;

export class Extras {
  private open: 'coupon' | 'domain' | null = null;
  private found: Domain[] | null = null;
  private asked = '';
  private searching = false;

  constructor(private readonly house: House) {}

  render(view: View): TemplateResult {
    return html`<div class="extras">
      ${this.coupons(view)}
      ${this.open === 'coupon' ? this.couponForm(view) : this.opener('coupon')}
      ${view.sells_domains ? (this.open === 'domain' ? this.domainForm() : this.opener('domain')) : nothing}
    </div>`;
  }

  private opener(what: 'coupon' | 'domain'): TemplateResult {
    const show = () => {
      this.open = what;
      this.house.requestUpdate();
      this.house.focusOn(`#${what}`);
    };
    const icon = what === 'coupon' ? icons.tag : icons.globe;
    return html`<button type="button" class="quiet" aria-expanded="false" @click=${show}>${icon}${this.house.say(`${what}_open`)}</button>`;
  }

  private coupons(view: View): TemplateResult | typeof nothing {
    if (view.coupons.length === 0) return nothing;
    return html`<ul class="chips">
      ${view.coupons.map(
        (code) => html`<li class="chip">${icons.tag}<span>${code}</span>
          <button type="button" class="icon" aria-label=${this.house.say('coupon_remove', { code })} @click=${() => this.dropped(view, code)}>${icons.cross}</button></li>`,
      )}
    </ul>`;
  }

  private couponForm(view: View): TemplateResult {
    const wrong = aboutCoupons(this.house.session.notice);
    return html`<form class="inline" novalidate @submit=${(event: SubmitEvent) => this.redeem(event, view)}>
      <div class="field">
        <label for="coupon">${this.house.say('coupon')}</label>
        <input id="coupon" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength=${CODE_MAX} aria-invalid=${wrong !== null} aria-describedby="coupon-wrong" />
        <p class="wrong" id="coupon-wrong" role="alert">${wrong === null ? nothing : this.house.tongue.rule(wrong, 'coupon_refused')}</p>
      </div>
      <button class="quiet">${this.house.say('apply')}</button>
    </form>`;
  }

  private async redeem(event: SubmitEvent, view: View): Promise<void> {
    event.preventDefault();
    const code = textOf(event, 'code').toUpperCase();
    if (!code) return;
    const codes = [...new Set([...view.coupons, code])];
    if (await this.house.session.edit((client) => client.coupons(codes))) {
      this.open = null;
      this.house.focusOn('#order');
    } else this.house.focusOn('#coupon');
    this.house.requestUpdate();
  }

  private async dropped(view: View, code: string): Promise<void> {
    const codes = view.coupons.filter((one) => one !== code);
    if (await this.house.session.edit((client) => client.coupons(codes))) this.house.focusOn('#order');
  }

  private domainForm(): TemplateResult {
    return html`<div class="domains">
      <form class="inline" role="search" novalidate @submit=${this.search}>
        <div class="field">
          <label for="domain">${this.house.say('domain')}</label>
          <input id="domain" name="name" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="url" placeholder="example.com" maxlength=${NAME_MAX} />
        </div>
        <button class="quiet" aria-disabled=${this.searching}>${this.house.say('search')}</button>
      </form>
      <div role="status">${this.found === null ? nothing : this.results(this.found)}</div>
    </div>`;
  }

  private results(found: Domain[]): TemplateResult {
    if (found.length === 0) return html`<p class="soft">${this.house.say('domain_none')}</p>`;
    return html`<ul class="found">
      ${found.map(
        (one) => html`<li>
          <span><b>${one.name}</b> <span class="soft">${this.house.say(one.available ? 'domain_free' : 'domain_taken')}</span></span>
          ${
            one.available
              ? html`<span class="sum">${this.house.money(one.amount)}</span>
                <button type="button" class="quiet" aria-label=${this.house.say('domain_add', { name: one.name })} @click=${() => this.add(one)}>${icons.plus}</button>`
              : nothing
          }
        </li>`,
      )}
    </ul>`;
  }

  private search = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const name = textOf(event, 'name').toLowerCase();
    if (!name || this.searching) return;
    this.searching = true;
    this.asked = name;
    const answer = await this.house.session.domains(name);
    this.searching = false;
    if (this.asked !== name) return;
    if (answer.ok) this.found = answer.value.data;
    else this.house.session.tell({ kind: 'failed' });
    this.house.requestUpdate();
  };

  private async add(domain: Domain): Promise<void> {
    const { price_id, name } = domain;
    const line = { price_id, quantity: 1, object: `domain:${name}` };
    if (await this.house.session.edit((client) => client.addLine(line))) {
      this.found = null;
      this.open = null;
      this.house.focusOn('#order');
    }
    this.house.requestUpdate();
  }
}

/** The rule that a coupon broke; null: what is told is about something else. */
export function aboutCoupons(notice: Notice | null): string | null {
  return notice?.kind === 'rule' && /^(codes|coupons)\b/.test(notice.field) ? notice.rule : null;
}

function textOf(event: SubmitEvent, name: string): string {
  return String(new FormData(event.target as HTMLFormElement).get(name) ?? '').trim();
}

// <solvent-checkout>: the whole checkout as one element, on the hosted page and in a merchant's own.
//
// Owns what stands where, the pay button, where the focus goes and what is read aloud. Does not own the truth (`session`)
// nor the parts. Attributes: `token` (of the cart), `base` (of Solvent, where it is not this script's), `locale`, `theme`
// (light, dark), `hosted` (it is the page: it names the tab and has a heading of the first level). Events:
// `solvent-state` with `{state}`.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Client } from './api/client';
import type { View, Way } from './api/view';
import { BotCheck } from './parts/bot_check';
import { Extras } from './parts/extras';
import type { House } from './parts/house';
import * as icons from './parts/icons';
import { Lines } from './parts/lines';
import { notice } from './parts/notices';
import { otherWay, outcome } from './parts/outcome';
import { totals } from './parts/totals';
import { WALLETS } from './parts/wallet_sheet';
import { Ways } from './parts/ways';
import { Payment } from './payment';
import { actionOf, Session } from './session';
import { base } from './styles/base';
import { layout } from './styles/layout';
import { Tongue, type Word } from './words';

const TEST_PROVIDERS = new Set(['sandbox', 'sandpal']);

export class SolventCheckout extends LitElement implements House {
  static override properties = {
    token: {},
    base: {},
    locale: {},
    hosted: { type: Boolean },
  };
  static override styles = [base, layout];

  declare token: string;
  declare base: string;
  declare locale: string | null;
  declare hosted: boolean;

  session!: Session;
  tongue = new Tongue(navigator.language);
  private readonly lines = new Lines(this);
  private readonly extras = new Extras(this);
  private readonly ways = new Ways(this);
  private readonly bot = new BotCheck(this);
  private readonly payment = new Payment(this, this.ways, this.bot, this.lines);
  private wantedFocus: string | null = null;
  private shown: { state: string; told: number; due: number | null } = {
    state: 'loading',
    told: 0,
    due: null,
  };
  private aloud = '';
  private usable: PerformanceMark | null = null;

  constructor() {
    super();
    this.token = '';
    this.base = new URL('..', import.meta.url).href.replace(/\/$/, '');
    this.locale = null;
    this.hosted = false;
  }

  override connectedCallback(): void {
    this.session ??= new Session(this, new Client(this.base.replace(/\/$/, ''), this.token));
    super.connectedCallback();
  }

  say(word: Word, places: Record<string, string> = {}): string {
    return this.tongue.say(word, places);
  }

  money(minor: number): string {
    return this.tongue.money(minor, this.session.view?.currency ?? 'USD');
  }

  focusOn(selector: string): void {
    this.wantedFocus = selector;
    this.requestUpdate();
  }

  protected override willUpdate(): void {
    const view = this.session.view;
    const locale = this.locale ?? view?.locale ?? navigator.language;
    if (locale !== this.tongue.locale) this.tongue = new Tongue(locale);
    if (view && this.shown.due !== null && this.shown.due !== view.due_now && view.state === 'open')
      this.aloud = this.say('total_now', { amount: this.money(view.due_now) });
    if (this.session.busy === 'pay') this.aloud = this.say('working');
  }

  protected override updated(_changed: PropertyValues): void {
    const { view, told, gone } = this.session;
    const state = gone ? 'gone' : view ? stateOf(view) : 'loading';
    if (told !== this.shown.told) this.wantedFocus = '#notice';
    else if (state !== this.shown.state && this.shown.state !== 'loading') this.wantedFocus ??= '#outcome';
    this.shown = { state, told, due: view?.due_now ?? null };
    this.lang = this.tongue.language;
    if (view && state === 'open') {
      void this.ways.load(view, this.payment);
      void this.bot.load(view);
    }
    if (this.hosted) this.namePage(view);
    if (view && this.usable === null) this.usable = performance.mark('solvent-usable'); // for whoever measures
    this.moveFocus();
  }

  protected override render(): TemplateResult {
    const { view, gone } = this.session;
    if (gone) return this.frame(null, this.nowhere());
    if (!view) return this.frame(null, this.session.notice ? this.unreachable() : this.skeleton());
    return this.frame(view, this.body(view));
  }

  private frame(view: View | null, content: TemplateResult): TemplateResult {
    const name = view?.merchant.name ?? '';
    const isTest = [view?.attempt, ...(view?.ways ?? [])].some((one) =>
      TEST_PROVIDERS.has(one?.provider ?? ''),
    );
    const title = this.hosted
      ? html`<h1 class="brand">${name || this.say('title')}</h1>`
      : html`<p class="brand">${name}</p>`;
    return html`<div class="frame" part="frame">
      <header>
        ${title}
        ${isTest ? html`<span class="badge warn">${this.say('test_mode')}</span>` : nothing}
        ${view ? html`<p class="soft">${this.say('for_whom', { name: view.account.name })}</p>` : nothing}
      </header>
      ${content}
      <p class="unseen" role="status">${this.aloud}</p>
    </div>`;
  }

  private body(view: View): TemplateResult {
    const panel = outcome(this, view);
    const locked = panel !== null || view.state !== 'open';
    return html`<div class="columns">
      <section class="card order" aria-labelledby="order">
        <h2 id="order" tabindex="-1">${this.say('order')}</h2>
        ${this.lines.render(view, locked)}
        ${locked ? nothing : this.extras.render(view)}
        ${totals(this, view)}
      </section>
      <div class="pay">
        ${notice(this, view)}
        ${panel ? html`<div class="card">${panel}</div>` : this.payForm(view)}
      </div>
    </div>`;
  }

  private payForm(view: View): TemplateResult {
    const unfinished = view.state === 'paying';
    if (unfinished && view.ways.length === 0) return this.beginAgain();
    return html`<section class="card" aria-labelledby="outcome">
      <h2 id="outcome" tabindex="-1">${this.say(unfinished ? 'finish_title' : 'payment_heading')}</h2>
      ${unfinished ? html`<p>${this.say('finish')}</p>` : nothing}
      <form novalidate @submit=${this.submit}>
        ${view.problem ? html`<p class="notice bad" role="status">${this.tongue.rule(view.problem.rule, 'order_refused')}</p>` : this.ways.render(view)}
        ${this.bot.render(view)}
        ${this.payButton(view)}
      </form>
      ${unfinished ? otherWay(this) : this.promise(view)}
    </section>`;
  }

  private promise(view: View): TemplateResult | typeof nothing {
    if (view.due_now === 0) return nothing; // there is no charge to promise anything about
    return html`<p class="soft secure">${icons.lock}${this.say('secure')}</p>`;
  }

  private beginAgain(): TemplateResult {
    return html`<section class="card panel" aria-labelledby="outcome">
      <h2 id="outcome" tabindex="-1">${this.say('finish_title')}</h2>
      <p>${this.say('finish')}</p>
      <button type="button" class="act" @click=${() => void this.session.cancelPayment()}>${this.say('try_again')}</button>
    </section>`;
  }

  private payButton(view: View): TemplateResult | typeof nothing {
    const way = this.ways.way(view);
    if (!way || view.lines.length === 0 || this.ways.provided(view, way)?.hasButton) return nothing;
    const busy = this.session.busy === 'pay' || this.payment.underWay;
    const waits = busy || this.session.busy !== null || this.lines.unsent || this.ways.lacks(view, way);
    return html`<button class="act by-${way.method_id ? 'saved' : way.kind}" aria-disabled=${waits}>
      ${busy ? html`<span class="turning"></span>${this.say('working')}` : this.payLabel(view, way)}
    </button>`;
  }

  private payLabel(view: View, way: Way): string {
    if (way.kind === 'none') return this.say('subscribe');
    if (view.due_now === 0) return this.say('save');
    const amount = this.money(view.due_now);
    const wallet = way.method_id ? null : (WALLETS[way.kind] ?? (way.kind === 'paypal' ? 'PayPal' : null));
    return wallet ? this.say('pay_with', { amount, way: wallet }) : this.say('pay', { amount });
  }

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.payment.press();
  };

  private nowhere(): TemplateResult {
    return html`<section class="card panel" aria-labelledby="outcome"><h2 id="outcome" tabindex="-1">${this.say('unknown_title')}</h2><p>${this.say('unknown')}</p></section>`;
  }

  private unreachable(): TemplateResult {
    const again = () => void this.session.refresh();
    return html`<section class="card panel" aria-labelledby="outcome"><h2 id="outcome" tabindex="-1">${this.say('offline_title')}</h2><p>${this.say('offline')}</p>
      <button type="button" class="quiet" @click=${again}>${this.say('try_again')}</button></section>`;
  }

  private skeleton(): TemplateResult {
    return html`<div class="columns" aria-busy="true">
      <p class="unseen" role="status">${this.say('loading')}</p>
      <div class="card ghost"><i></i><i></i><i></i></div>
      <div class="card ghost"><i></i><i></i></div>
    </div>`;
  }

  private namePage(view: View | null): void {
    document.documentElement.lang = this.tongue.language;
    document.title = view ? `${this.say('title')} · ${view.merchant.name}` : this.say('title');
  }

  private moveFocus(): void {
    if (this.wantedFocus === null) return;
    const target = this.renderRoot.querySelector<HTMLElement>(this.wantedFocus);
    this.wantedFocus = null;
    target?.focus();
    target?.scrollIntoView({ block: 'nearest' });
  }
}

/** What counts as another place for the focus. */
function stateOf(view: View): string {
  return view.state === 'paying' ? `paying ${actionOf(view)?.kind ?? ''}` : view.state;
}

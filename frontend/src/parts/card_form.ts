// Card form: number, expiry and security code for the sandbox provider, whose form needs no script of somebody else.
//
// Owns what was typed and whether it can be a card. Nothing typed here is kept, and only the token of a test number is
// sent: real cards are typed into their provider's own fields (`providers`).
import { html, nothing, type TemplateResult } from 'lit';
import type { Word } from '../words';
import type { House } from './house';

type Name = 'number' | 'expiry' | 'code';

const CARDS: [Word, string][] = [
  ['test_succeeds', '4242424242424242'],
  ['test_challenged', '4000002500003155'],
  ['test_declined', '4000000000000002'],
  ['test_funds', '4000000000009995'],
];
const ACCOUNTS: [Word, string][] = [
  ['test_later', '000123456789'],
  ['test_declined', '000111111113'],
];

export class CardForm {
  private readonly values: Record<Name, string> = { number: '', expiry: '', code: '' };
  private wrong: Partial<Record<Name, Word>> = {};

  constructor(private readonly house: House) {}

  render(kind: 'card' | 'account'): TemplateResult {
    if (kind === 'account')
      return html`<div class="card-form">${this.field('number', 'account_number', 'off', 34)}${this.help(ACCOUNTS)}</div>`;
    return html`<div class="card-form">
      ${this.field('number', 'card_number', 'cc-number', 23)}
      ${this.field('expiry', 'card_expiry', 'cc-exp', 7)}
      ${this.field('code', 'card_code', 'cc-csc', 4)}
      ${this.help(CARDS)}
    </div>`;
  }

  /** The token of what was typed; null: something is wrong, and is told. */
  token(kind: 'card' | 'account', today: Date): string | null {
    this.wrong = kind === 'card' ? wrongOfCard(this.values, today) : wrongOfAccount(this.values);
    const first = (['number', 'expiry', 'code'] as const).find((name) => this.wrong[name]);
    this.house.requestUpdate();
    if (first) this.house.focusOn(`#card-${first}`);
    return first ? null : `tok_${bare(this.values.number)}`;
  }

  private field(name: Name, label: Word, autocomplete: string, longest: number): TemplateResult {
    const wrong = this.wrong[name];
    return html`<div class="field ${name}">
      <label for="card-${name}">${this.house.say(label)}</label>
      <input id="card-${name}" inputmode="numeric" autocomplete=${autocomplete as 'off'} maxlength=${longest} spellcheck="false"
        .value=${this.values[name]} aria-invalid=${wrong !== undefined} aria-describedby="card-${name}-wrong"
        @input=${(event: InputEvent) => this.typed(name, event.target as HTMLInputElement)} />
      <p class="wrong" id="card-${name}-wrong">${wrong ? this.house.say(wrong) : nothing}</p>
    </div>`;
  }

  private typed(name: Name, input: HTMLInputElement): void {
    const atEnd = input.selectionStart === input.value.length;
    if (atEnd && name === 'number') input.value = grouped(input.value);
    if (atEnd && name === 'expiry') input.value = slashed(input.value, this.values.expiry);
    this.values[name] = input.value;
    if (this.wrong[name]) {
      delete this.wrong[name];
      this.house.requestUpdate();
    }
  }

  private help(numbers: [Word, string][]): TemplateResult {
    return html`<details class="help">
      <summary>${this.house.say('test_numbers')}</summary>
      <ul>
        ${numbers.map(
          ([word, number]) =>
            html`<li><button type="button" class="text" @click=${() => this.fill(number)}><code>${grouped(number)}</code> ${this.house.say(word)}</button></li>`,
        )}
      </ul>
    </details>`;
  }

  private fill(number: string): void {
    Object.assign(this.values, { number: grouped(number), expiry: '12/39', code: '123' });
    this.wrong = {};
    this.house.requestUpdate();
  }
}

export function wrongOfCard(values: Record<Name, string>, today: Date): Partial<Record<Name, Word>> {
  const wrong: Partial<Record<Name, Word>> = {};
  if (!/^\d{12,19}$/.test(bare(values.number))) wrong.number = 'wrong_number';
  const [, month, year] = /^(\d{1,2})\s*\/\s*(\d{2}|\d{4})$/.exec(values.expiry.trim()) ?? [];
  const last = Number(year?.slice(-2)) * 12 + Number(month);
  const now = (today.getUTCFullYear() % 100) * 12 + today.getUTCMonth() + 1;
  if (!month || Number(month) < 1 || Number(month) > 12 || last < now) wrong.expiry = 'wrong_expiry';
  if (!/^\d{3,4}$/.test(values.code.trim())) wrong.code = 'wrong_code';
  return wrong;
}

function wrongOfAccount(values: Record<Name, string>): Partial<Record<Name, Word>> {
  return /^[0-9A-Z]{12,34}$/i.test(bare(values.number)) ? {} : { number: 'wrong_account' };
}

function bare(number: string): string {
  return number.replace(/[\s-]/g, '');
}

function grouped(number: string): string {
  return bare(number).replace(/(.{4})(?=.)/g, '$1 ');
}

function slashed(now: string, before: string): string {
  return /^\d{2}$/.test(now) && now.length > before.length ? `${now}/` : now;
}

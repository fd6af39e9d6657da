// Bot check: what a person shows before paying. The sandbox asks for a tick; Turnstile shows its own part.
import { html, nothing, type TemplateResult } from 'lit';
import type { View } from '../api/view';
import type { House } from './house';

const SANDBOX_TOKEN = 'sandbox-person';

export class BotCheck {
  private ticked = false;
  private missed = false;
  private token: string | null = null;
  private loaded = false;
  private again: () => void = () => undefined;

  constructor(private readonly house: House) {}

  render(view: View): TemplateResult | typeof nothing {
    const kind = view.bot?.kind ?? 'none';
    if (kind === 'none') return nothing;
    if (kind === 'turnstile') return html`<slot name="bot"></slot>${this.hint()}`;
    const tick = (event: Event) => {
      this.ticked = (event.target as HTMLInputElement).checked;
      this.missed = false;
      this.house.requestUpdate();
    };
    return html`<div class="bot">
      <label><input type="checkbox" id="bot" .checked=${this.ticked} aria-describedby="bot-hint" aria-invalid=${this.missed} @change=${tick} /> ${this.house.say('bot_label')}</label>
      ${this.hint()}
    </div>`;
  }

  async load(view: View): Promise<void> {
    if (this.loaded || view.bot?.kind !== 'turnstile' || !view.bot.site_key) return;
    this.loaded = true;
    const took = (token: string | null) => {
      this.token = token;
      this.missed = false;
      this.house.requestUpdate();
    };
    const options = { siteKey: view.bot.site_key, language: this.house.tongue.language };
    const { loadTurnstile } = await import('../providers/turnstile');
    this.again = await loadTurnstile(this.house as House & HTMLElement, options, took);
  }

  /** The token to send; `false`: the person has not done it yet, and is told. */
  given(view: View): string | null | false {
    const kind = view.bot?.kind ?? 'none';
    if (kind === 'none') return null;
    const token = kind === 'sandbox' ? (this.ticked ? SANDBOX_TOKEN : null) : this.token;
    this.missed = token === null;
    this.house.requestUpdate();
    if (token === null) this.house.focusOn('#bot');
    return token ?? false;
  }

  /** A token is good once. */
  spent(): void {
    this.ticked = false;
    this.token = null;
    this.again();
  }

  private hint(): TemplateResult {
    return html`<p class="wrong" id="bot-hint">${this.missed ? this.house.say('bot_hint') : nothing}</p>`;
  }
}

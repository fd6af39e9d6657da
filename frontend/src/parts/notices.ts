// Notices: what must be told at once, in words that say what was taken (nothing) and what to do.
import { html, nothing, type TemplateResult } from 'lit';
import type { View } from '../api/view';
import type { Notice } from '../session';
import { aboutCoupons } from './extras';
import type { House } from './house';
import * as icons from './icons';

interface Told {
  kind: 'bad' | 'warn';
  title: string;
  text: string;
  retry?: boolean;
}

export function notice(house: House, view: View): TemplateResult | typeof nothing {
  const now = house.session.notice;
  if (!now || aboutCoupons(now) !== null) return nothing;
  const told = wordsOf(house, view, now);
  const again = () => void house.session.refresh();
  return html`<div class="notice ${told.kind}" role="alert" id="notice" tabindex="-1">
    ${icons.caution}
    <div>
      <strong>${told.title}</strong>${told.text}
      ${told.retry ? html`<br /><button type="button" class="text" @click=${again}>${house.say('try_again')}</button>` : nothing}
    </div>
  </div>`;
}

function wordsOf(house: House, view: View, now: Notice): Told {
  const say = house.say.bind(house);
  switch (now.kind) {
    case 'declined':
      return {
        kind: 'bad',
        title: say('declined_title'),
        text:
          now.cause === 'canceled_by_customer' ? say('cancelled') : `${now.message ?? ''} ${say('declined')}`,
      };
    case 'price':
      return {
        kind: 'warn',
        title: say('price_title'),
        text: say('price_changed', { before: house.money(now.before), after: house.money(now.after) }),
      };
    case 'order':
      return { kind: 'warn', title: say('price_title'), text: say('order_changed') };
    case 'bot':
      return { kind: 'bad', title: say('bot_title'), text: say('bot', { merchant: view.merchant.name }) };
    case 'busy':
      return { kind: 'warn', title: say('busy_title'), text: say('busy') };
    case 'offline':
      return { kind: 'warn', title: say('offline_title'), text: say('offline'), retry: true };
    case 'provider':
      return { kind: 'warn', title: say('failed_title'), text: say('provider_down') };
    case 'missing':
      return { kind: 'warn', title: say('failed_title'), text: say('wallet_missing') };
    case 'rule':
      return { kind: 'bad', title: say('failed_title'), text: house.tongue.rule(now.rule, 'order_refused') };
    case 'failed':
      return { kind: 'bad', title: say('failed_title'), text: say('failed'), retry: true };
  }
}

// Payment: from the press of a button, ours or a provider's, until it is known how it went.
//
// Owns the order: what is missing is told, what the way needs is asked for, the payment is opened, the provider's own part
// does what only it can, and the server is asked. Nothing is begun twice. Does not own the truth (`session`), what the ways
// need (`parts`), nor the providers' parts.
import type { Action, View, Way } from './api/view';
import type { BotCheck } from './parts/bot_check';
import type { House } from './parts/house';
import type { Lines } from './parts/lines';
import type { Ways } from './parts/ways';
import type { Hand } from './providers';
import { actionOf } from './session';

export class Payment implements Hand {
  underWay = false; // with whatever a sheet or a provider asks between

  constructor(
    private readonly house: House,
    private readonly ways: Ways,
    private readonly bot: BotCheck,
    private readonly lines: Lines,
  ) {}

  /** Our own button. */
  async press(): Promise<void> {
    const at = this.now();
    if (!at || !this.ready() || this.ways.lacks(at.view, at.way)) return;
    this.underWay = true;
    this.house.requestUpdate();
    try {
      const given = await this.ways.given(at.view, at.way, new Date());
      if (given === 'not yet') return;
      const part = this.ways.provided(at.view, at.way);
      const action = await this.open(given.token);
      if (!part || !action) return;
      await part.act(action);
      await this.over();
    } finally {
      this.underWay = false;
      this.house.requestUpdate();
    }
  }

  ready(): boolean {
    const at = this.now();
    if (!at || this.underWay || this.house.session.busy || this.lines.unsent) return false;
    return this.bot.given(at.view) !== false;
  }

  async open(token: string | null = null): Promise<Action | null> {
    const at = this.now();
    const bot = at ? this.bot.given(at.view) : false;
    if (!at || bot === false) return null;
    const here = this.ways.provided(at.view, at.way) !== null;
    await this.house.session.pay(at.way, token, bot, here);
    this.bot.spent();
    const { view } = this.house.session;
    return view && actionOf(view);
  }

  async over(): Promise<void> {
    await this.house.session.confirm();
  }

  async left(): Promise<void> {
    await this.house.session.cancelPayment(true);
  }

  private now(): { view: View; way: Way } | null {
    const { view } = this.house.session;
    const way = view && this.ways.way(view);
    return view && way ? { view, way } : null;
  }
}

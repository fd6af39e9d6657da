// Session: how a checkout stands, and what is done about it. The truth is always the server's view.
//
// Owns the view, what is under way, what must be told, and when to look again. Does not own looks (`parts`), nor how a
// provider's own part works (`providers`).
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Answer, Client, Problem } from './api/client';
import { type Action, type PayBody, type View, type Way, wayId } from './api/view';
import { forget, keyFor } from './keys';

export type Notice =
  | { kind: 'declined'; cause: string | null; message: string | null }
  | { kind: 'price'; before: number; after: number }
  | { kind: 'order' | 'bot' | 'busy' | 'offline' | 'failed' | 'provider' | 'missing' }
  | { kind: 'rule'; field: string; rule: string };

const LOOK_MS = [1000, 1500, 2000, 3000, 5000, 8000, 12_000, 15_000]; // between looks while something is under way
const LOOKS_MAX = 200;
const TIMER_MS_MAX = 2 ** 31 - 1;
const BACK = 'solvent';
const OURS_TO_WAIT_FOR = new Set(['opening', 'processing', 'unknown']);

export class Session implements ReactiveController {
  view: View | null = null;
  gone = false;
  busy: 'edit' | 'pay' | null = null;
  notice: Notice | null = null;
  /** Counts what was told, so that the same notice twice is told twice. */
  told = 0;
  private here = false; // of a payment that a part of this page confirms
  private method: string | null = null; // of a payment that we asked for, until it is confirmed
  private look: ReturnType<typeof setTimeout> | undefined;
  private end: ReturnType<typeof setTimeout> | undefined;
  private looks = 0;

  constructor(
    private readonly host: ReactiveControllerHost & EventTarget,
    private readonly client: Client,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('online', this.again);
    addEventListener('pageshow', this.shown);
    document.addEventListener('visibilitychange', this.seen);
    void this.start();
  }

  hostDisconnected(): void {
    removeEventListener('online', this.again);
    removeEventListener('pageshow', this.shown);
    document.removeEventListener('visibilitychange', this.seen);
    clearTimeout(this.look);
    clearTimeout(this.end);
  }

  /** Somebody edits the order. */
  async edit(call: (client: Client) => Promise<Answer<View>>): Promise<boolean> {
    if (this.busy) return false;
    this.begin('edit');
    const answer = await call(this.client);
    if (!answer.ok) this.problem(answer.problem);
    else this.adopt(answer.value);
    this.rest();
    return answer.ok;
  }

  domains = (name: string) => this.client.domains(name);
  file = (path: string) => this.client.file(path);

  /** Pay in that way; `method` is what the customer gave for it, as the provider's token. `here`: the provider's own part
   *  of this page does the rest. */
  async pay(way: Way, method: string | null, botToken: string | null, here = false): Promise<void> {
    const view = this.view;
    if (!view || this.busy) return;
    this.begin('pay');
    this.method = method;
    this.here = here;
    const key = keyFor(view.id, `${wayId(way)} ${view.fingerprint}`);
    const answer = await this.client.pay(payBody(view, way, botToken), key);
    if (answer.ok) await this.follow(answer.value);
    else this.refused(view, answer.problem);
    this.rest();
  }

  /** The customer's part may be over: ask how it went. */
  async confirm(method: string | null = null): Promise<void> {
    if (this.busy) return;
    this.begin('pay');
    await this.settle(await this.client.confirm(method));
    this.rest();
  }

  /** Pay in another way: what was begun is given up first. `left`: the customer ended it in the provider's part. */
  async cancelPayment(left = false): Promise<void> {
    if (this.busy) return;
    this.begin('pay');
    const answer = await this.client.cancelPayment();
    if (answer.ok) {
      forget(answer.value.id);
      this.adopt(answer.value);
      this.notice = null; // that it was ended is what was asked for
      if (left) this.tell({ kind: 'declined', cause: 'canceled_by_customer', message: null });
    } else this.problem(answer.problem);
    this.rest();
  }

  tell(notice: Notice): void {
    this.notice = notice;
    this.told += 1;
    this.host.requestUpdate();
  }

  async refresh(): Promise<void> {
    if (this.busy) return;
    const answer = await this.client.view();
    if (this.busy) return; // somebody has done something meanwhile: what that answers is newer
    if (answer.ok) {
      if (this.notice?.kind === 'offline') this.notice = null;
      this.adopt(answer.value);
    } else this.problem(answer.problem);
    this.host.requestUpdate();
  }

  private async start(): Promise<void> {
    const back = wasAway();
    await this.refresh();
    if (this.view?.state === 'paying' && (back || isApproved(this.view))) await this.confirm();
  }

  private async follow(view: View): Promise<void> {
    this.adopt(view);
    const action = actionOf(view);
    if (!action || this.here) return;
    if (action.kind === 'confirm' && this.method !== null) {
      const method = this.method;
      this.method = null;
      await this.settle(await this.client.confirm(method));
    } else if (isApproved(view)) await this.settle(await this.client.confirm(null));
    else this.leave(view);
  }

  private async settle(answer: Answer<View>): Promise<void> {
    if (!answer.ok) return this.problem(answer.problem);
    this.adopt(answer.value);
    this.leave(answer.value);
  }

  /** To the bank or wallet, in this window; its address comes from our server alone. */
  private leave(view: View): void {
    const action = actionOf(view);
    if (action?.kind === 'redirect' && action.url) location.assign(action.url);
  }

  private refused(before: View, problem: Problem): void {
    if (problem.code === 'price_changed' && problem.view) {
      forget(before.id);
      this.adopt(problem.view);
      const after = problem.view.due_now;
      this.tell(
        after === before.due_now ? { kind: 'order' } : { kind: 'price', before: before.due_now, after },
      );
    } else this.problem(problem);
  }

  private problem(problem: Problem): void {
    if (problem.view)
      this.adopt(problem.view); // it has ended, or is being paid, elsewhere
    else if (problem.status === 404) this.gone = true;
    else if (problem.code === 'offline') this.offline();
    else if (problem.code === 'bot_refused') this.tell({ kind: 'bot' });
    else if (problem.status === 429) this.tell({ kind: 'busy' });
    else if (problem.errors[0]) this.tell({ kind: 'rule', ...problem.errors[0] });
    else if (problem.status === 409) this.soon(0);
    else this.tell({ kind: 'failed' });
  }

  private offline(): void {
    if (this.notice?.kind !== 'offline') this.tell({ kind: 'offline' });
    this.soon();
  }

  private adopt(view: View): void {
    const before = this.view;
    this.view = view;
    const failed = view.state === 'open' && view.attempt?.state === 'failed';
    if (failed) forget(view.id);
    if (failed && before?.attempt?.state !== 'failed')
      this.tell({
        kind: 'declined',
        cause: view.attempt?.cause ?? null,
        message: view.attempt?.message ?? null,
      });
    if (waits(view)) this.soon();
    else this.looks = 0;
    this.expectEnd(view);
    this.host.dispatchEvent(
      new CustomEvent('solvent-state', { detail: { state: view.state }, bubbles: true, composed: true }),
    );
  }

  private begin(what: 'edit' | 'pay'): void {
    this.busy = what;
    this.notice = null;
    clearTimeout(this.look);
    this.host.requestUpdate();
  }

  private rest(): void {
    this.busy = null;
    this.host.requestUpdate();
  }

  private soon(ms?: number): void {
    clearTimeout(this.look);
    if (this.looks >= LOOKS_MAX) return;
    const pause = LOOK_MS[Math.min(this.looks, LOOK_MS.length - 1)];
    this.looks += 1;
    this.look = setTimeout(() => void this.refresh(), ms ?? pause);
  }

  private expectEnd(view: View): void {
    clearTimeout(this.end);
    const left = Date.parse(view.expires_at) - Date.now();
    if (view.state === 'open' && left > 0 && left < TIMER_MS_MAX)
      this.end = setTimeout(() => void this.refresh(), left + 1000);
  }

  private again = () => void this.refresh();
  private shown = (event: PageTransitionEvent) => {
    if (event.persisted) void this.refresh();
  };
  private seen = () => {
    if (document.visibilityState === 'visible') void this.refresh();
  };
}

/** What the customer must still do. The journal keeps it for a payment on which nothing waits any more. */
export function actionOf(view: View): Action | null {
  const waitsForThem = view.state === 'paying' && view.attempt?.state === 'requires_action';
  return waitsForThem ? (view.attempt?.next_action ?? null) : null;
}

/** Whether the customer has agreed at the bank or wallet, and nobody has said so to the server yet. */
function isApproved(view: View): boolean {
  return actionOf(view)?.kind === 'none';
}

/** Whether the server is still waiting for something that is nobody's part here. */
export function waits(view: View): boolean {
  if (view.state === 'paying') return OURS_TO_WAIT_FOR.has(view.attempt?.state ?? 'processing');
  return (view.result?.lines ?? []).some((line) => line.state === 'pending' || line.state === 'failed');
}

/** Where banks and wallets send back to: here, with a sign that the customer was away. */
export function returnAddress(): string {
  const here = new URL(location.href);
  here.searchParams.delete(BACK);
  here.searchParams.append(BACK, 'back');
  here.hash = '';
  return here.href;
}

function payBody(view: View, way: Way, botToken: string | null): PayBody {
  return {
    way: way.kind,
    provider: way.provider,
    method_id: way.method_id,
    seen_total: view.due_now,
    seen_fingerprint: view.fingerprint,
    return_url: returnAddress(),
    ...(botToken === null ? {} : { bot_token: botToken }),
  };
}

/** Whether the customer comes back from a bank or wallet; the address is as before afterwards. */
function wasAway(): boolean {
  const here = new URL(location.href);
  const query = [...here.searchParams];
  const sign = query.findIndex(([name, value]) => name === BACK && value === 'back');
  if (sign < 0) return false;
  here.search = new URLSearchParams(query.slice(0, sign)).toString(); // what follows is the provider's, secrets among it
  history.replaceState(history.state, '', here);
  return true;
}

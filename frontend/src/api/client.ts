// Client: the calls of a checkout, as values. Nothing here raises: what went wrong is an answer too.
//
// Owns addresses, keys that make a repeated call harmless, and time-outs. Does not own what an answer means (`session`).
import type { Domain, View } from './view';

const TIMEOUT_MS = 20_000;

export interface Problem {
  /** The last part of the problem's type; `offline`: there was no answer at all. */
  code: string;
  status: number;
  detail: string;
  errors: { field: string; rule: string }[];
  view: View | null;
}
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export interface PayBody {
  way: { kind: string; provider?: string; method_id?: string };
  seen_total: number;
  seen_fingerprint: string;
  return_url: string;
  bot_token?: string;
}
export interface LineBody {
  price_id: string;
  quantity: number;
  object?: string;
}

export class Client {
  private readonly root: string;

  constructor(base: string, token: string) {
    this.root = `${base}/v1/checkout/${encodeURIComponent(token)}`;
  }

  view = () => this.call<View>('GET', '');
  addLine = (body: LineBody) => this.call<View>('POST', '/lines', body);
  changeLine = (id: string, body: Partial<LineBody>) => this.call<View>('PATCH', `/lines/${id}`, body);
  removeLine = (id: string) => this.call<View>('DELETE', `/lines/${id}`);
  coupons = (codes: string[]) => this.call<View>('PUT', '/coupons', { codes });
  domains = (name: string) =>
    this.call<{ domains: Domain[] }>('GET', `/domains?name=${encodeURIComponent(name)}`);
  pay = (body: PayBody, key: string) => this.call<View>('POST', '/pay', body, key);
  confirm = (method: string | null) => this.call<View>('POST', '/confirm', method === null ? {} : { method });
  cancelPayment = () => this.call<View>('POST', '/cancel-payment', {});

  private async call<T>(method: string, path: string, body?: unknown, key?: string): Promise<Answer<T>> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (method !== 'GET') headers['idempotency-key'] = key ?? crypto.randomUUID();
    const sent: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store' };
    if (body !== undefined) sent.body = JSON.stringify(body);
    try {
      const response = await fetch(this.root + path, { ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const said: unknown = await response.json();
      return response.ok ? { ok: true, value: said as T } : { ok: false, problem: problemOf(response, said) };
    } catch {
      return { ok: false, problem: { code: 'offline', status: 0, detail: '', errors: [], view: null } };
    }
  }
}

function problemOf(response: Response, said: unknown): Problem {
  const {
    type = '',
    detail = '',
    errors = [],
    view = null,
  } = said as {
    type?: string;
    detail?: string;
    errors?: Problem['errors'];
    view?: View | null;
  };
  return { code: type.slice(type.lastIndexOf(':') + 1), status: response.status, detail, errors, view };
}

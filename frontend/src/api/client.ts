// Client: the calls of a checkout, typed by the API's own document, as values. Nothing here raises: what went wrong is an
// answer too.
//
// Owns addresses, keys that make a repeated call harmless, and time-outs. Does not own what an answer means (`session`).
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import type { AddLine, ChangeLine, Domains, PayBody, ProblemDetails, View } from './view';

const TIMEOUT_MS = 20_000;

export interface Problem {
  /** The last part of the problem's type; `offline`: there was no answer at all. */
  code: string;
  status: number;
  errors: { field: string; rule: string }[];
  /** The cart as it is now, where the problem is that it is another. */
  view: View | null;
}
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

interface Said {
  data?: unknown;
  error?: unknown;
  response: Response;
}

export class Client {
  private readonly http;
  private readonly path: { token: string };

  constructor(
    private readonly base: string,
    token: string,
  ) {
    this.http = createClient<paths>({
      baseUrl: base,
      fetch: bounded,
      credentials: 'omit',
      cache: 'no-store',
    });
    this.path = { token };
  }

  view = () => answer<View>(this.http.GET('/v1/checkout/{token}', { params: { path: this.path } }));

  addLine = (body: AddLine) =>
    answer<View>(this.http.POST('/v1/checkout/{token}/lines', { params: { path: this.path }, body }));

  changeLine = (line_id: string, body: ChangeLine) =>
    answer<View>(
      this.http.PATCH('/v1/checkout/{token}/lines/{line_id}', {
        params: { path: { ...this.path, line_id } },
        body,
      }),
    );

  removeLine = (line_id: string) =>
    answer<View>(
      this.http.DELETE('/v1/checkout/{token}/lines/{line_id}', {
        params: { path: { ...this.path, line_id } },
      }),
    );

  coupons = (codes: string[]) =>
    answer<View>(
      this.http.PUT('/v1/checkout/{token}/coupons', { params: { path: this.path }, body: { codes } }),
    );

  pay = (body: PayBody, key: string) =>
    answer<View>(
      this.http.POST('/v1/checkout/{token}/pay', {
        params: { path: this.path, header: { 'Idempotency-Key': key } },
        body,
      }),
    );

  confirm = (method: string | null) =>
    answer<View>(
      this.http.POST('/v1/checkout/{token}/confirm', { params: { path: this.path }, body: { method } }),
    );

  cancelPayment = () =>
    answer<View>(this.http.POST('/v1/checkout/{token}/cancel-payment', { params: { path: this.path } }));

  domains = (name: string) =>
    answer<Domains>(
      this.http.GET('/v1/checkout/{token}/domains', { params: { path: this.path, query: { name } } }),
    );

  /** A file of this API, by its path. */
  file = (path: string): string => this.base + path;
}

function bounded(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

async function answer<T>(sent: Promise<Said>): Promise<Answer<T>> {
  try {
    const { data, error, response } = await sent;
    if (response.ok && data !== undefined) return { ok: true, value: data as T };
    return { ok: false, problem: problemOf(response, error) };
  } catch {
    return { ok: false, problem: { code: 'offline', status: 0, errors: [], view: null } };
  }
}

function problemOf(response: Response, said: unknown): Problem {
  const {
    type = '',
    errors = [],
    checkout = null,
  } = (said ?? {}) as Partial<ProblemDetails> & {
    checkout?: View | null;
  };
  return { code: type.slice(type.lastIndexOf(':') + 1), status: response.status, errors, view: checkout };
}

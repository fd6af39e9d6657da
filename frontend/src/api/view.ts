// Words for what the API says of a checkout.

export type CartState = 'open' | 'paying' | 'paid' | 'partly_refunded' | 'expired' | 'canceled';

export interface Offer {
  kind: 'switch' | 'add';
  price_id: string;
  label: string;
  saves?: number;
}
export interface Line {
  id: string;
  price_id: string;
  product: string;
  name: string;
  object?: string | null;
  quantity: number;
  editable: boolean;
  min?: number | null;
  max?: number | null;
  interval?: string | null;
  amount: number;
  explanation?: string | null;
  offer?: Offer | null;
}
export interface Way {
  id: string;
  kind: string;
  provider?: string | null;
  method_id?: string | null;
  label: string;
  setup?: Record<string, string> | null;
}
export interface NextAction {
  kind: string;
  url?: string | null;
  client_secret?: string | null;
}
export interface Attempt {
  id: string;
  state: string;
  next_action?: NextAction | null;
  cause?: string | null;
  message?: string | null;
}
export interface View {
  id: string;
  state: CartState;
  version: number;
  locale: string;
  currency: string;
  merchant: { name: string };
  account: { name: string };
  lines: Line[];
  discounts: { code: string; label: string; amount: number }[];
  taxes: { label: string; rate?: string | null; amount: number; included?: boolean }[];
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
  credit_used: number;
  due_now: number;
  renews: { interval: string; amount: number; at: string }[];
  fingerprint: string;
  ways: Way[];
  attempt?: Attempt | null;
  result?: {
    invoice_id?: string | null;
    number?: string | null;
    pdf_url?: string | null;
    lines: { id: string; state: string }[];
  } | null;
  bot?: { kind: string; site_key?: string | null } | null;
  expires_at: string;
  success_url?: string | null;
  cancel_url?: string | null;
  can_add_domains?: boolean;
}
export interface Domain {
  name: string;
  available: boolean;
  price_id?: string | null;
  amount?: number | null;
}

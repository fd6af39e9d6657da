// Providers: the parts that only a provider itself can show (fields for cards, wallets, its own buttons and challenge).
//
// Owns which part belongs to which provider, and what stands between a part and the page (`Hand`). Each is a chunk of its
// own and loads its provider's script from the provider's own host, hence only when that provider is on and chosen. Does
// not own when it is asked.
import type { Action, View, Way } from '../api/view';

/** What a part that has a button of its own asks of the page. */
export interface Hand {
  /** Whether the customer may pay now; tells what is missing. */
  ready(): boolean;
  /** Opens the payment; what the customer must do for it, or null: it was refused, which the page tells. */
  open(): Promise<Action | null>;
  /** The provider's part is over: how it went is asked. */
  over(): Promise<void>;
  /** The customer has left it. */
  left(): Promise<void>;
}

export interface ProviderPart {
  /** Whether its own button stands in the place of ours. */
  readonly hasButton: boolean;
  /** Whether what it asks for has been given; it tells itself what has not. */
  complete(): Promise<boolean>;
  /** What only the provider can do after the payment was opened; it resolves when that is over, however it went. */
  act(action: Action): Promise<void>;
  /** What is due may be another amount now. */
  update(view: View): void;
  close(): void;
}

export interface Place {
  element: HTMLElement;
  view: View;
  way: Way;
  hand: Hand;
  /** Where a bank's page sends back to. */
  back(): string;
  /** Aborted when the part is not wanted any more: one that comes late never shows. */
  signal: AbortSignal;
}

/** Whether a part could not be shown because this device does not have what the way needs. */
export function isMissing(why: unknown): boolean {
  return why instanceof Error && why.name === 'Missing';
}

const PARTS: Record<string, (place: Place) => Promise<ProviderPart>> = {
  stripe: async (place) => (await import('./stripe')).stripePart(place),
  paypal: async (place) => (await import('./paypal')).paypalPart(place),
};

/** Whether the provider of that way has a part in this page. */
export function hasPart(way: Way): boolean {
  return Boolean(way.setup && way.provider && way.provider in PARTS);
}

/** The part of that way, in a light child of the element; raises what `isMissing` knows, or anything else when it
 *  cannot be loaded. */
export async function loadPart(place: Place): Promise<ProviderPart> {
  const load = PARTS[place.way.provider ?? ''];
  if (!load) throw new Error(`${place.way.provider} has no part`);
  return load(place);
}

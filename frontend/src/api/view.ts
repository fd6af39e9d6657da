// Words for what the API says of a checkout: names for the generated types.
import type { components } from './schema';

type Schemas = components['schemas'];

export type View = Schemas['CheckoutView'];
export type Line = Schemas['CartLineView'];
export type Offer = Schemas['CartOfferView'];
export type Way = Schemas['WayView'];
export type Action = Schemas['CheckoutActionView'];
export type PayBody = Schemas['PayBody'];
export type AddLine = Schemas['AddLineBody'];
export type ChangeLine = Schemas['ChangeLineBody'];
export type ProblemDetails = Schemas['ProblemDetails'];

export type Result = Schemas['ResultLineView'];
export type Domain = Schemas['DomainView'];
export type Domains = Schemas['DomainsView'];

/** A way has no id of its own: what tells it apart from the others of a view. */
export function wayId(way: Way): string {
  return way.method_id ?? `${way.provider ?? ''}:${way.kind}`;
}

// The entry: defines the element, once, however often a page loads it.
import { SolventCheckout } from './element';

if (!customElements.get('solvent-checkout')) customElements.define('solvent-checkout', SolventCheckout);

export { SolventCheckout };

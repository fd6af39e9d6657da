// Icons: small drawings of our own, hidden from readers: what they mean stands beside them.
import { html, svg, type TemplateResult } from 'lit';

const draw = (content: TemplateResult, size = 20) =>
  html`<svg width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${content}</svg>`;

export const card = draw(
  svg`<rect x="2" y="5" width="20" height="14" rx="2.5"/><path d="M2 10h20M6 15h4"/>`,
  24,
);
export const bank = draw(svg`<path d="M3 10 12 4l9 6M5 10v8m5-8v8m4-8v8m5-8v8M3 20h18"/>`, 24);
export const wallet = draw(
  svg`<path d="M4 7h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h11"/><circle cx="16" cy="13.5" r="1"/>`,
  24,
);
export const phone = draw(svg`<rect x="6" y="2" width="12" height="20" rx="3"/><path d="M11 18.5h2"/>`, 24);
export const away = draw(
  svg`<path d="M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"/>`,
  24,
);
export const later = draw(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`, 24);
export const cross = draw(svg`<path d="m6 6 12 12M18 6 6 18"/>`, 16);
export const minus = draw(svg`<path d="M5 12h14"/>`, 16);
export const plus = draw(svg`<path d="M12 5v14M5 12h14"/>`, 16);
export const swap = draw(svg`<path d="M4 9h15m-4-4 4 4-4 4M20 16H5m4 4-4-4 4-4"/>`, 16);
export const lock = draw(
  svg`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  16,
);
export const tag = draw(svg`<path d="M3 12V4a1 1 0 0 1 1-1h8l9 9-9 9z"/><circle cx="8" cy="8" r="1"/>`, 16);
export const globe = draw(
  svg`<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18"/>`,
  16,
);
export const check = draw(svg`<path d="m5 13 4 4L19 7"/>`, 32);
export const caution = draw(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 3.5v.01"/>`);
export const paper = draw(svg`<path d="M6 2h9l4 4v16H6zM9 12h6m-6 4h6"/>`, 16);

/** The sign of a way to pay. */
export function signOf(kind: string, saved: boolean): TemplateResult {
  if (kind === 'none') return later;
  if (kind === 'bank_debit' || kind === 'transfer') return bank;
  if (kind === 'apple_pay' || kind === 'google_pay' || kind === 'link') return phone;
  if (kind === 'paypal') return saved ? wallet : away;
  return card;
}

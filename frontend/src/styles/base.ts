// Base: colours, type and controls. The colours are those of the server's pages; a merchant may set any of them on the
// element (`solvent-checkout { --solvent-act: rebeccapurple }`), and the dark ones replace them as a whole.
import { css } from 'lit';

export const base = css`
  :host {
    color-scheme: light dark;
    --page: light-dark(#f4f6f8, #11151a);
    --sheet: light-dark(#fff, #1a2027);
    --raised: light-dark(#f8f9fb, #20272f);
    --ink: light-dark(#17202b, #e8ebef);
    --soft: light-dark(#535e6d, #aab3c0);
    --line: light-dark(#dde2e8, #2f3843);
    --edge: light-dark(#7b8696, #7f8b9b);
    --act: var(--solvent-act, light-dark(#1b5cc4, #7fb0ff));
    --act-over: var(--solvent-act-over, light-dark(#164ea8, #a3c6ff));
    --on-act: var(--solvent-on-act, light-dark(#fff, #0c1420));
    --act-page: light-dark(#eaf1fc, #1c2c45);
    --bad: light-dark(#8c1d18, #ffb4a8);
    --bad-page: light-dark(#fdecea, #3b1d1a);
    --good: light-dark(#14532d, #a6e3bb);
    --good-page: light-dark(#e6f4ea, #173323);
    --warn: light-dark(#6b4500, #f5cd7b);
    --warn-page: light-dark(#fdf1d8, #372b10);
    --info: light-dark(#1d3f72, #b4cdf7);
    --info-page: light-dark(#e9f0fb, #1b2940);
    --radius: var(--solvent-radius, 12px);
    --small: 8px;
    display: block;
    color: var(--ink);
    font: 16px/1.5 var(--solvent-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif);
    overflow-wrap: anywhere;
    container-type: inline-size;
    text-align: start;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  dl,
  dd,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  ul {
    list-style: none;
  }
  h1 {
    font-size: 24px;
    line-height: 1.25;
    letter-spacing: -0.01em;
    font-weight: 650;
  }
  h2 {
    font-size: 18px;
    line-height: 1.35;
    font-weight: 650;
  }
  .soft {
    color: var(--soft);
    font-size: 14px;
  }
  .sum {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    text-align: end;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  a {
    color: var(--act);
    text-underline-offset: 2px;
  }
  button,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  :focus-visible {
    outline: 3px solid var(--act);
    outline-offset: 2px;
  }
  [tabindex='-1']:focus {
    outline: none;
  }
  .act,
  a.act {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 10px;
    width: 100%;
    min-height: 52px;
    padding: 12px 20px;
    border: 0;
    border-radius: var(--small);
    background: var(--act);
    color: var(--on-act);
    font-weight: 650;
    font-size: 17px;
    text-align: center;
    text-decoration: none;
    transition: background 0.15s;
  }
  .act:hover {
    background: var(--act-over);
  }
  .act[aria-disabled='true'] {
    opacity: 0.6;
    cursor: progress;
  }
  .quiet {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 36px;
    padding: 6px 14px;
    border: 1px solid var(--edge);
    border-radius: var(--small);
    background: var(--sheet);
  }
  .quiet:hover {
    background: var(--raised);
  }
  .text {
    min-height: 32px;
    padding: 4px 0;
    border: 0;
    background: none;
    color: var(--act);
    text-align: start;
  }
  .text:hover {
    color: var(--act-over);
    text-decoration: underline;
  }
  .field label {
    display: block;
    font-size: 14px;
    font-weight: 600;
    margin: 0 0 4px;
  }
  .field input {
    width: 100%;
    min-height: 44px;
    padding: 8px 12px;
    background: var(--sheet);
    border: 1px solid var(--edge);
    border-radius: var(--small);
  }
  .field input[aria-invalid='true'] {
    border-color: var(--bad);
    box-shadow: 0 0 0 1px var(--bad);
  }
  .wrong {
    color: var(--bad);
    font-size: 14px;
    margin-top: 4px;
  }
  .wrong:empty {
    margin: 0;
  }
  .notice {
    display: flex;
    gap: 12px;
    padding: 14px 16px;
    border-radius: var(--small);
    background: var(--info-page);
    color: var(--info);
  }
  .notice strong {
    display: block;
  }
  .notice svg {
    flex: none;
    margin-top: 2px;
  }
  .notice.bad {
    background: var(--bad-page);
    color: var(--bad);
  }
  .notice.warn {
    background: var(--warn-page);
    color: var(--warn);
  }
  .badge {
    display: inline-block;
    padding: 2px 10px;
    border-radius: 99px;
    font-size: 13px;
    font-weight: 600;
    background: var(--info-page);
    color: var(--info);
  }
  .badge.good {
    background: var(--good-page);
    color: var(--good);
  }
  .badge.warn {
    background: var(--warn-page);
    color: var(--warn);
  }
  .badge.bad {
    background: var(--bad-page);
    color: var(--bad);
  }
  .turning {
    width: 20px;
    height: 20px;
    flex: none;
    border: 3px solid currentColor;
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: turn 0.8s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .turning {
      animation-duration: 4s;
    }
    * {
      transition: none;
    }
  }
`;

// Layout: what stands where, on a phone first, in two columns where there is room (asked of the element, not the window).
import { css } from 'lit';

export const layout = css`
  .frame {
    max-width: 1040px;
    margin: 0 auto;
    padding: 20px 16px 48px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    margin: 0 0 20px;
  }
  header .brand {
    font-size: 20px;
    font-weight: 700;
    letter-spacing: -0.01em;
  }
  header .soft {
    flex-basis: 100%;
  }
  .columns {
    display: grid;
    gap: 20px;
    align-items: start;
  }
  .card {
    background: var(--sheet);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    padding: 20px;
    box-shadow: 0 1px 2px light-dark(rgb(16 24 40 / 6%), transparent);
  }
  .card > h2 {
    margin: 0 0 14px;
  }
  .pay {
    display: grid;
    gap: 16px;
  }
  .lines {
    border-top: 1px solid var(--line);
  }
  .line {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 10px 16px;
    padding: 14px 0;
    border-bottom: 1px solid var(--line);
  }
  .what > * {
    display: block;
  }
  .what .badge {
    display: inline-block;
    margin-top: 4px;
  }
  .name {
    font-weight: 600;
  }
  .object {
    font-size: 15px;
  }
  .price .sum {
    font-weight: 600;
  }
  .worked {
    font-size: 14px;
    margin-top: 8px;
  }
  .worked li {
    padding: 4px 0;
  }
  .edit {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .edit:not(:has(*)) {
    display: none;
  }
  .price {
    display: flex;
    align-items: center;
    gap: 4px;
    align-self: start;
    margin-inline-end: -10px;
    min-height: 24px;
  }
  .price:not(:has(.icon)) {
    margin-inline-end: 0;
  }
  .price .icon {
    margin-block: -6px;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    width: 36px;
    height: 36px;
    border: 0;
    border-radius: 50%;
    background: none;
    color: var(--soft);
  }
  .icon:hover {
    background: var(--raised);
    color: var(--ink);
  }
  .stepper {
    display: inline-flex;
    border: 1px solid var(--edge);
    border-radius: var(--small);
    overflow: clip;
    overflow-clip-margin: 6px;
  }
  .stepper button {
    display: grid;
    place-items: center;
    width: 38px;
    height: 36px;
    border: 0;
    background: none;
    border-radius: var(--small);
  }
  .stepper button:hover {
    background: var(--raised);
  }
  .stepper [aria-disabled='true'] {
    color: var(--soft);
    opacity: 0.6;
    cursor: default;
  }
  .stepper input {
    width: 3.2em;
    height: 36px;
    border: 0;
    background: none;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .offer {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 36px;
    padding: 6px 14px;
    border: 1px dashed var(--act);
    border-radius: var(--small);
    background: var(--act-page);
    color: var(--ink);
    font-size: 15px;
    text-align: start;
  }
  .offer svg {
    flex: none;
  }
  .extras {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    padding: 14px 0;
    border-bottom: 1px solid var(--line);
  }
  .inline {
    display: grid;
    grid-template: auto auto auto / 1fr auto;
    gap: 0 8px;
    flex: 1 1 100%;
  }
  .inline .field {
    display: grid;
    grid-row: 1 / 4;
    grid-template-rows: subgrid;
  }
  .inline .quiet {
    grid-row: 2;
    min-height: 44px;
  }
  .domains {
    flex: 1 1 100%;
  }
  .found {
    margin-top: 8px;
  }
  .found li {
    display: grid;
    grid-template-columns: 1fr auto auto;
    gap: 12px;
    align-items: center;
    min-height: 48px;
    padding: 6px 0;
    border-bottom: 1px solid var(--line);
  }
  .found li:last-child {
    border-bottom: 0;
    padding-bottom: 0;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    flex: 1 1 100%;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    padding: 0 2px 0 12px;
    border-radius: 99px;
    background: var(--good-page);
    color: var(--good);
    font-weight: 600;
    font-size: 14px;
  }
  .chip .icon {
    color: inherit;
  }
  .totals {
    padding: 14px 0 8px;
    transition: opacity 0.15s;
  }
  .totals[aria-busy='true'] {
    opacity: 0.5;
  }
  .totals div {
    display: flex;
    justify-content: space-between;
    gap: 16px;
    padding: 3px 0;
  }
  .totals .good {
    color: var(--good);
  }
  .totals .due {
    font-size: 20px;
    font-weight: 650;
    padding-top: 8px;
  }
  .ways {
    display: grid;
    gap: 8px;
  }
  .way {
    border: 1px solid var(--edge);
    border-radius: var(--small);
    transition: border-color 0.15s;
  }
  .way:hover {
    border-color: var(--ink);
  }
  .way.chosen {
    border-color: var(--act);
    box-shadow: 0 0 0 1px var(--act);
  }
  .way > label {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 58px;
    padding: 10px 14px;
    cursor: pointer;
  }
  .way:has(input[type='radio']:focus-visible) {
    outline: 3px solid var(--act);
    outline-offset: 2px;
  }
  input[type='radio'],
  input[type='checkbox'] {
    flex: none;
    width: 20px;
    height: 20px;
    margin: 0;
    accent-color: var(--act);
  }
  .way input[type='radio']:focus-visible {
    outline: none;
  }
  .label {
    flex: 1;
  }
  .label > * {
    display: block;
    line-height: 1.35;
  }
  .label b {
    font-weight: 600;
  }
  .other {
    margin-top: 8px;
  }
  .sign {
    color: var(--soft);
    display: flex;
  }
  .chosen .sign {
    color: var(--act);
  }
  .card-form {
    display: grid;
    grid-template-columns: 1fr 1fr;
    align-content: start;
    gap: 12px;
    padding: 4px 14px 14px;
  }
  .card-form > * {
    grid-column: 1 / -1;
  }
  .for-fields {
    min-height: 300px;
  }
  .for-button {
    min-height: 88px;
  }
  .card-form .expiry,
  .card-form .code {
    display: grid;
    grid-row: span 3;
    grid-template-rows: subgrid;
    row-gap: 0;
  }
  .card-form label {
    align-self: end;
  }
  .card-form .expiry {
    grid-column: 1;
  }
  .card-form .code {
    grid-column: 2;
  }
  .help {
    font-size: 14px;
  }
  summary {
    width: fit-content;
    padding: 4px 0;
    color: var(--soft);
    cursor: pointer;
  }
  .help button {
    font-size: 14px;
  }
  code {
    font: 13px ui-monospace, 'SF Mono', Menlo, Consolas, monospace;
  }
  .bot {
    margin-top: 14px;
  }
  .bot label {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 44px;
    cursor: pointer;
  }
  form > .act {
    margin-top: 16px;
  }
  .act.by-apple_pay,
  .act.by-google_pay {
    background: light-dark(#000, #fff);
    color: light-dark(#fff, #000);
  }
  .act.by-paypal {
    background: #ffc439;
    color: #1b1f24;
  }
  .act.by-paypal:hover {
    background: #f2b01e;
  }
  .act.by-apple_pay:hover,
  .act.by-google_pay:hover {
    background: light-dark(#2b2b2b, #e3e3e3);
  }
  .secure {
    display: flex;
    gap: 8px;
    align-items: center;
    margin-top: 12px;
  }
  .secure svg {
    flex: none;
  }
  .panel {
    display: grid;
    gap: 14px;
  }
  .panel h2 {
    display: flex;
    align-items: center;
    gap: 12px;
    font-size: 22px;
    margin: 0;
  }
  .panel .quiet {
    justify-self: start;
    color: var(--ink);
    text-decoration: none;
    min-height: 44px;
  }
  .panel .text {
    justify-self: center;
  }
  section > .text {
    display: block;
    margin: 12px auto 0;
  }
  .tick {
    display: grid;
    place-items: center;
    width: 60px;
    height: 60px;
    border-radius: 50%;
    background: var(--good-page);
    color: var(--good);
  }
  .tick.warn {
    background: var(--warn-page);
    color: var(--warn);
  }
  .ghost {
    display: grid;
    gap: 14px;
    min-height: 180px;
  }
  .ghost i {
    display: block;
    height: 20px;
    border-radius: 6px;
    background: var(--line);
    animation: breathe 1.4s ease-in-out infinite alternate;
  }
  .ghost i:first-child {
    width: 40%;
  }
  @keyframes breathe {
    to {
      opacity: 0.4;
    }
  }
  .sheet {
    width: min(420px, 100vw);
    max-width: none;
    margin: auto auto 0;
    padding: 20px;
    border: 1px solid var(--line);
    border-radius: 18px 18px 0 0;
    background: var(--sheet);
    color: var(--ink);
    box-shadow: 0 16px 48px rgb(0 0 0 / 35%);
  }
  .sheet::backdrop {
    background: rgb(8 12 18 / 55%);
  }
  .sheet form {
    display: grid;
    gap: 14px;
  }
  .sheet-head,
  .sheet-sum {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
  }
  .sheet-sum b {
    font-size: 22px;
  }
  .sheet legend {
    font-size: 14px;
    font-weight: 600;
    margin: 0 0 6px;
    padding: 0;
  }
  .sheet-card {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 48px;
    padding: 8px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--small);
    margin-bottom: 6px;
    cursor: pointer;
  }
  .sheet-card:has(:checked) {
    border-color: var(--act);
  }
  .sheet .soft:last-child {
    text-align: center;
  }
  @media (min-width: 640px) {
    .sheet {
      margin: auto;
      border-radius: 18px;
    }
  }
  @container (min-width: 640px) {
    .frame {
      padding: 32px 24px 64px;
    }
    .card {
      padding: 28px;
    }
  }
  @container (min-width: 860px) {
    .columns {
      grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
      gap: 28px;
    }
    .pay {
      position: sticky;
      top: 24px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .ghost i {
      animation: none;
    }
  }
`;

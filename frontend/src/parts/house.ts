// House: what every part of the checkout may ask of the element that it stands in.
import type { ReactiveControllerHost } from 'lit';
import type { Session } from '../session';
import type { Tongue, Word } from '../words';

export interface House extends ReactiveControllerHost {
  readonly session: Session;
  readonly tongue: Tongue;
  readonly renderRoot: HTMLElement | DocumentFragment;
  say(word: Word, places?: Record<string, string>): string;
  money(minor: number): string;
  /** Moves the focus there once this update is shown. */
  focusOn(selector: string): void;
}

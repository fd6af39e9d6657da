// Words: what the checkout says, in each language, and how amounts and days are written. Places are in braces.
//
// Owns catalogs (one JSON file each, with the same keys) and Intl. Does not own when something is said.
import de from './de.json';
import en from './en.json';

export type Word = keyof typeof en;
export const isWord = (text: string): text is Word => text in en;
const CATALOGS: Record<string, Record<Word, string>> = { en, de };

export class Tongue {
  readonly language: string;
  private readonly texts: Record<Word, string>;

  /** `locale` as the account has it (de-AT); an unknown one is English. */
  constructor(readonly locale: string) {
    const wished = locale.slice(0, 2).toLowerCase();
    this.language = wished in CATALOGS ? wished : 'en';
    this.texts = CATALOGS[this.language] ?? en;
  }

  say(word: Word, places: Record<string, string> = {}): string {
    return this.texts[word].replace(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole);
  }

  /** A rule that the API told, which is English; in other languages what it comes to, in one word of ours. */
  rule(told: string, word: Word): string {
    return this.language === 'en' ? told : this.say(word);
  }

  /** An amount in minor units. Intl takes a decimal as text, so that no float comes near it. */
  money(minor: number, currency: string): string {
    const format = new Intl.NumberFormat(this.locale, { style: 'currency', currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(decimal(minor, digits) as unknown as number);
  }

  /** How often, of an interval: "Monthly", "Every 3 months". */
  every(interval: { unit: string; count: number }): string {
    const unit = interval.unit as 'day' | 'week' | 'month' | 'year';
    if (interval.count === 1) return this.say(`each_${unit}`);
    return this.say(`each_${unit}s`, { count: String(interval.count) });
  }

  /** A rate as the API says it ("12.5 %"), as this language writes it. */
  rate(text: string): string {
    const format = new Intl.NumberFormat(this.locale, { style: 'percent', maximumFractionDigits: 4 });
    return format.format(Number.parseFloat(text) / 100);
  }

  day(iso: string): string {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));
  }
}

export function decimal(minor: number, digits: number): string {
  const sign = minor < 0 ? '-' : '';
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

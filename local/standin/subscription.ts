import { EVENT_NAMES, type EventFormat, type SwitchEvent } from './events';

const FORMATS: ReadonlySet<string> = new Set(['plain', 'json', 'xml']);
const NO_KEYWORDS = '-ERR no keywords supplied';

/** Which events one ESL connection gets, and how. Each method answers with the text of the reply. */
export class Subscription {
  format: EventFormat = 'plain';
  private listening = false;
  private names = new Set<string>();
  private subclasses = new Set<string>();
  private filters: [string, string][] = [];

  /** `event [plain|json|xml] NAMES… [CUSTOM SUBCLASSES…]` */
  add(words: readonly string[]): string {
    const [first] = words;
    const named = first !== undefined && FORMATS.has(first);
    const { names, subclasses } = keywords(named ? words.slice(1) : words);
    if (names.length === 0) return NO_KEYWORDS;
    if (named) this.format = first as EventFormat;
    for (const name of names) this.names.add(name);
    for (const subclass of subclasses) this.subclasses.add(subclass);
    this.listening = true;
    return `+OK event listener enabled ${this.format}`;
  }

  /** `nixevent NAMES…` */
  remove(words: readonly string[]): string {
    const { names, subclasses } = keywords(words);
    if (names.length === 0) return NO_KEYWORDS;
    for (const name of names) this.names.delete(name);
    for (const subclass of subclasses) this.subclasses.delete(subclass);
    return '+OK events nixed';
  }

  /** `noevents` */
  clear(): string {
    if (!this.listening) return '-ERR not listening for events';
    this.listening = false;
    this.names.clear();
    this.subclasses.clear();
    return '+OK no longer listening for events';
  }

  /** `filter HEADER VALUE` and `filter delete HEADER VALUE` */
  filter(words: readonly string[]): string {
    const [header, ...rest] = words[0] === 'delete' ? words.slice(1) : words;
    const value = rest.join(' ');
    if (header === undefined) return '-ERR invalid syntax';
    if (words[0] === 'delete') {
      this.filters = this.filters.filter(([h, v]) => !(h === header && v === value));
      return `+OK filter deleted. [${header}][${value}]`;
    }
    this.filters.push([header, value]);
    return `+OK filter added. [${header}]=[${value}]`;
  }

  wants(event: SwitchEvent): boolean {
    return this.listening && this.named(event) && this.passes(event);
  }

  private named(event: SwitchEvent): boolean {
    if (this.names.has('ALL')) return true;
    if (!this.names.has(event.name)) return false;
    return event.subclass === null || this.subclasses.size === 0 || this.subclasses.has(event.subclass);
  }

  private passes(event: SwitchEvent): boolean {
    if (this.filters.length === 0) return true;
    return this.filters.some(([header, value]) => event.headers.some(([h, v]) => h === header && v === value));
  }
}

/** Words behind CUSTOM are subclasses; words that name no event are passed over in silence. */
function keywords(words: readonly string[]): { names: string[]; subclasses: string[] } {
  const names: string[] = [];
  const subclasses: string[] = [];
  for (const word of words) {
    if (names.includes('CUSTOM')) subclasses.push(word);
    else if (EVENT_NAMES.has(word.toUpperCase())) names.push(word.toUpperCase());
  }
  return { names, subclasses };
}

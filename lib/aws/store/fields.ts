/**
 * Reads fields of something that was parsed. A missing field of a newer version gets its default from the caller; a
 * field of the wrong kind is never guessed at.
 */
import { MalformedItem } from '../../domain/errors';

export class Fields {
  private readonly value: Record<string, unknown>;

  /** @throws MalformedItem when `value` is no object */
  constructor(
    private readonly where: string,
    value: unknown,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new MalformedItem(`${where} is no object; restore the item, or delete it and deploy again`);
    }
    this.value = { ...value };
  }

  has(name: string): boolean {
    return this.value[name] !== undefined && this.value[name] !== null;
  }

  string(name: string): string {
    const value = this.value[name];
    return typeof value === 'string' ? value : this.fail(name, 'a text');
  }

  stringOrNull(name: string): string | null {
    return this.has(name) ? this.string(name) : null;
  }

  number(name: string): number {
    const value = this.value[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : this.fail(name, 'a number');
  }

  numberOrNull(name: string): number | null {
    return this.has(name) ? this.number(name) : null;
  }

  numberOr(name: string, fallback: number): number {
    return this.has(name) ? this.number(name) : fallback;
  }

  /** A non-negative integer: epochs and counters are compared and added to. */
  natural(name: string): number {
    const value = this.number(name);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.fail(name, 'a non-negative integer');
  }

  booleanOr<T extends boolean | null>(name: string, fallback: T): boolean | T {
    if (!this.has(name)) return fallback;
    const value = this.value[name];
    return typeof value === 'boolean' ? value : this.fail(name, 'true or false');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.string(name);
    return allowed.find((each) => each === value) ?? this.fail(name, `one of ${allowed.join(', ')}`);
  }

  /** Missing is empty: DynamoDB has no empty sets. */
  strings(name: string): string[] {
    return this.list(name).map((each) => (typeof each === 'string' ? each : this.fail(name, 'a list of texts')));
  }

  list(name: string): unknown[] {
    const value = this.value[name] ?? [];
    return Array.isArray(value) ? [...(value as unknown[])] : this.fail(name, 'a list');
  }

  object(name: string): Fields {
    return new Fields(`${this.where} field '${name}'`, this.value[name]);
  }

  /** An object that is kept as JSON text, so that one update can write it whole. */
  jsonOrNull(name: string): Fields | null {
    if (!this.has(name)) return null;
    try {
      return new Fields(`${this.where}, ${name}`, JSON.parse(this.string(name)));
    } catch (error) {
      if (error instanceof MalformedItem) throw error;
      return this.fail(name, 'an object in JSON');
    }
  }

  /** Numbers that are kept as JSON text, for the same reason; missing is empty. */
  jsonNumbers(name: string): number[] {
    const expected = 'a list of numbers in JSON';
    const value = this.json(name, expected) ?? [];
    if (!Array.isArray(value)) return this.fail(name, expected);
    return value.map((each: unknown) => (typeof each === 'number' ? each : this.fail(name, expected)));
  }

  /** Texts by their names; missing is none. */
  jsonTexts(name: string): Record<string, string> {
    const expected = 'texts by their names in JSON';
    const value = this.json(name, expected) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) return this.fail(name, expected);
    const texts = Object.entries(value).map(([key, each]: [string, unknown]): [string, string] => [
      key,
      typeof each === 'string' ? each : this.fail(name, expected),
    ]);
    return Object.fromEntries(texts);
  }

  /** null where it is missing. */
  private json(name: string, expected: string): unknown {
    if (!this.has(name)) return null;
    try {
      return JSON.parse(this.string(name)) as unknown;
    } catch (error) {
      if (error instanceof MalformedItem) throw error;
      return this.fail(name, expected);
    }
  }

  objectOrNull(name: string): Fields | null {
    return this.has(name) ? this.object(name) : null;
  }

  /** A map of the values that `read` makes of each entry; missing is empty. */
  map<T>(name: string, read: (fields: Fields, key: string) => T): Record<string, T> {
    if (!this.has(name)) return {};
    const entries = this.object(name);
    return Object.fromEntries(Object.keys(entries.value).map((key) => [key, read(entries, key)]));
  }

  private fail(name: string, expected: string): never {
    throw new MalformedItem(
      `${this.where} field '${name}' is ${describe(this.value[name])} and should be ${expected}; ` +
        'restore the item from a backup, or delete it and deploy again',
    );
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Small help for filling in defaults. */
import { UnderstudyError } from '../domain/errors';

/** Without the keys that are undefined, which would otherwise hide a default. */
export function definedOnly<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

/** The schema has made sure of it; this is for the compiler, and for whoever changes the schema. */
export const unchecked = (what: string): UnderstudyError =>
  new UnderstudyError(`${what}: neither form is there, although the schema asks for one. This is a bug in Understudy`);

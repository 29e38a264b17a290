/**
 * XML as FreeSWITCH reads it. Before the parser comes a preprocessor that works on lines, with rules of its own
 * (switch_xml.c, `preprocess` and `expand_vars`, the same in 1.10.12 and 1.11.2):
 * - a line with `X-PRE-PROCESS` is taken for that instruction alone; whatever else stands on it is lost;
 * - `$${name}` is replaced wherever it stands, in comments too;
 * - a line that grows to more than twice its buffer (1,024 bytes) while that happens is cut in the middle.
 */
import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';
import { UnderstudyError } from '../../domain/errors';

export type Element = XMLBuilder;

/** Text that FreeSWITCH's preprocessor expands: the only way a `$${…}` gets into a file. */
export class Template {
  constructor(readonly text: string) {}
}

/** The value of a global variable, with `before` in front of it. */
export const variable = (name: string, before = ''): Template => new Template(`${before}$\${${name}}`);

export type Value = string | number | boolean | Template;

/** One `<param/>`, and the reason for it, which stands above it in the file. */
export interface Param {
  name: string;
  value: Value;
  why?: string;
}

/** A variable and the text around it stay together below the preprocessor's 2,048 bytes with this bound on each. */
export const LONGEST_WITH_VARIABLE = 1_000;

/** Throws UnderstudyError for text that FreeSWITCH's preprocessor would not pass on as it is. */
export function plainText(name: string, value: string): string {
  const refuse = (problem: string): never => {
    throw new UnderstudyError(`${name} ${problem}, which no FreeSWITCH configuration can hold: choose another value`);
  };
  if (/\p{Cc}/u.test(value)) refuse('contains a line end or another control character');
  if (value.includes('$${')) refuse('contains "$${"');
  if (/x-pre-process/i.test(value)) refuse('contains "X-PRE-PROCESS"');
  return value;
}

function valueText(name: string, value: Value): string {
  return value instanceof Template ? value.text : plainText(name, String(value));
}

export function addElement(parent: Element, tag: string, attributes: Record<string, Value> = {}): Element {
  const texts = Object.entries(attributes).map(([name, value]) => [name, valueText(`${tag} ${name}`, value)]);
  return parent.ele(tag, Object.fromEntries(texts) as Record<string, string>);
}

export function addComment(parent: Element, text: string): void {
  parent.com(` ${plainText('a comment', text).replaceAll('--', '- -')} `);
}

export function addParams(parent: Element, params: readonly Param[]): void {
  for (const { name, value, why } of params) {
    if (why !== undefined) addComment(parent, why);
    parent.ele('param', { name, value: valueText(name, value) });
  }
}

/** Includes what matches `pattern`, relative to the file it stands in; nothing matching is no error to FreeSWITCH. */
export function addInclude(parent: Element, pattern: string): void {
  parent.ele('X-PRE-PROCESS', { cmd: 'include', data: plainText('an include', pattern) });
}

/** Sets a global variable while the configuration is read: at every `reloadxml` again. */
export function addSet(parent: Element, name: string, value: string): void {
  if (value.length > LONGEST_WITH_VARIABLE) {
    throw new UnderstudyError(`${name} has ${value.length} characters; FreeSWITCH would cut it: stay below 1,000`);
  }
  parent.ele('X-PRE-PROCESS', { cmd: 'set', data: `${name}=${plainText(name, value)}` });
}

/** A whole file with one root. Each element has its line, which is what the preprocessor needs. */
export function xmlFile(tag: string, attributes: Record<string, Value>, build: (root: Element) => void): string {
  const document = create({ version: '1.0', encoding: 'UTF-8' });
  build(addElement(document, tag, attributes));
  return `${document.end({ prettyPrint: true })}\n`;
}

/** A file for an include. FreeSWITCH drops the lines of an `<include>` element, so it can stand around anything. */
export const includedFile = (build: (root: Element) => void): string => xmlFile('include', {}, build);

/** A file of `autoload_configs`: `<configuration name="NAME.conf">`. */
export function configurationFile(name: string, build: (root: Element) => void): { path: string; content: string } {
  return {
    path: `autoload_configs/${name}.conf.xml`,
    content: includedFile((root) => build(addElement(root, 'configuration', { name: `${name}.conf` }))),
  };
}

/** The commonest kind: nothing but settings. */
export function settingsFile(name: string, params: readonly Param[]): { path: string; content: string } {
  return configurationFile(name, (root) => addParams(addElement(root, 'settings'), params));
}

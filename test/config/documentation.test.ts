import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';
import { jsonSchema, jsonSchemaText, keyPaths } from '../../lib/config/json-schema';
import { BASE, example, EXAMPLES, problemsOf, replaceOnce, ROOT } from './fixture';

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

describe('the JSON Schema', () => {
  it('is the one that is committed', () => {
    // Stale? npx tsx lib/config/write-json-schema.ts
    expect(read('understudy.schema.json')).toBe(jsonSchemaText());
  });

  it.each(EXAMPLES)('accepts examples/%s, as the loader does', (name) => {
    const accepts = new Ajv2020({ allErrors: true }).compile(jsonSchema());

    const valid = accepts(parse(example(name)));

    expect(accepts.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(problemsOf(example(name))).toEqual([]);
  });

  it.each([
    ['an unknown key', '    observers:', '    observer:'],
    [
      'a node neither made nor adopted',
      /        create:\n {10}instanceType: .*\n {10}image: .*\n(?= {6}- id: bob)/,
      '',
    ],
    ['a duration without a unit', 'name: sip.pbx.internal', 'name: sip.pbx.internal\n          ttl: 5'],
    ['no sources', '          from: [203.0.113.0/24]\n      rtp', '      rtp'],
  ])('refuses %s, as the loader does', (_name, from, to) => {
    const text = typeof from === 'string' ? replaceOnce(BASE, from, to) : BASE.replace(from, to);
    const accepts = new Ajv2020({ allErrors: true }).compile(jsonSchema());

    expect(accepts(parse(text))).toBe(false);
    expect(problemsOf(text)).not.toEqual([]);
  });

  it('explains every key to the editor', () => {
    const silent = keyPaths().filter(({ path, schema }) => !path.endsWith('<name>') && !schema.description);

    expect(silent.map(({ path }) => path)).toEqual([]);
  });
});

describe('the examples', () => {
  it.each(EXAMPLES)('%s begins with the line that editors read', (name) => {
    expect(example(name).split('\n')[0]).toBe('# yaml-language-server: $schema=../understudy.schema.json');
  });
});

describe('docs/configuration.md', () => {
  const rows = read('docs', 'configuration.md')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5);

  it.each(keyPaths().map(({ path, schema }) => ({ path, standard: schema.default })))(
    'has a row for $path, with its default',
    ({ path, standard }) => {
      const row = rows.find((cells) => cells[1] === `\`${path}\``);

      expect(row).toBeDefined();
      if (standard === undefined || typeof standard === 'object') return;
      expect(row?.[2]).toBe(`\`${JSON.stringify(standard).replaceAll('"', '')}\``);
    },
  );

  it('has no row for a key that does not exist', () => {
    const known = new Set(keyPaths().map(({ path }) => `\`${path}\``));

    const strangers = rows
      .map((cells) => cells[1] ?? '')
      .filter((key) => key.startsWith('`clusters') && !known.has(key));

    expect(strangers).toEqual([]);
  });
});

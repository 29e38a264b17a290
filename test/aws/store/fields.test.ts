import { Fields } from '../../../lib/aws/store/fields';
import { MalformedItem } from '../../../lib/domain/errors';

const of = (value: unknown): Fields => new Fields('an item', { field: value });

describe('fields', () => {
  it.each([[null], ['a text'], [7], [['a', 'list']]])('are of an object, and not of %j', (value) => {
    expect(() => new Fields('an item', value)).toThrow(MalformedItem);
  });

  it.each<[string, (fields: Fields) => unknown, unknown[]]>([
    ['a text', (fields) => fields.string('field'), [7, true, null, undefined]],
    ['a number', (fields) => fields.number('field'), ['7', NaN, Infinity, null, undefined]],
    ['a whole number', (fields) => fields.natural('field'), [1.5, -1, 2 ** 53, '7', null]],
    ['true or false', (fields) => fields.booleanOr('field', true), ['false', 0]],
    ['a word that is known', (fields) => fields.oneOf('field', ['held']), ['asleep', null]],
    ['a list', (fields) => fields.list('field'), ['a', { a: 1 }, 7]],
    ['a list of texts', (fields) => fields.strings('field'), [['a', 1], 'a']],
    ['an object', (fields) => fields.object('field'), [['a'], 'a', null]],
    ['an object in JSON', (fields) => fields.jsonOrNull('field'), ['{', '[1]', 7]],
    ['a list of numbers in JSON', (fields) => fields.jsonNumbers('field'), ['[', '{}', '[1,"2"]', 7]],
    ['a map of numbers', (fields) => fields.map('field', (entries, key) => entries.number(key)), [{ a: 'x' }, [1]]],
  ])('that should be %s are never guessed at', (_name, read, values) => {
    for (const value of values) expect(() => read(of(value))).toThrow(MalformedItem);
  });

  it.each([[null], [undefined]])('may be missing where nothing hangs on them: %p', (missing) => {
    const fields = of(missing);
    expect(fields.has('field')).toBe(false);
    expect([fields.stringOrNull('field'), fields.numberOrNull('field'), fields.objectOrNull('field')]).toEqual([
      null,
      null,
      null,
    ]);
    expect([fields.numberOr('field', 3), fields.booleanOr('field', true), fields.list('field')]).toEqual([3, true, []]);
    expect([fields.jsonOrNull('field'), fields.jsonNumbers('field'), fields.map('field', () => 1)]).toEqual([
      null,
      [],
      {},
    ]);
  });
});

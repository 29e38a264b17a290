/** Whatever happens to a file, a user gets a configuration or a ConfigurationError that says where: never a stack trace. */
import fc from 'fast-check';
import {
  isMap,
  isPair,
  isSeq,
  parse,
  parseDocument,
  stringify,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { parseConfig } from '../../lib/config/load';
import { ConfigurationError } from '../../lib/domain/errors';
import { example, EXAMPLES } from './fixture';

type Mutation = { at: number; kind: 'delete' | 'rename' | 'retype' | 'double' | 'swap'; value: unknown };

/** Small values of every type, and some that are hostile. */
const anyValue = fc.oneof(
  fc.constantFrom(
    null,
    true,
    '',
    0,
    -1,
    1.5,
    1e300,
    NaN,
    Infinity,
    [],
    {},
    [[]],
    'create',
    '0.0.0.0/0',
    '1s',
    '99999999h',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'us-east-1a', 'alice', 'fs1', '1-1', '10.0.0.0/0', '9-9999'),
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
);

const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(500),
  kind: fc.constantFrom('delete', 'rename', 'retype', 'double', 'swap'),
  value: anyValue,
});

function mutate(document: Document, { at, kind, value }: Mutation): void {
  const places: { parent: { items: unknown[] }; index: number }[] = [];
  visit(document, {
    Collection: (_key, node) => {
      for (const index of node.items.keys()) places.push({ parent: node, index });
    },
  });
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return;
  const { parent, index } = place;
  const item = parent.items[index] as Node | Pair;
  switch (kind) {
    case 'delete':
      parent.items.splice(index, 1);
      break;
    case 'rename':
      if (isPair(item)) item.key = document.createNode(typeof value === 'object' ? 'renamed' : value);
      break;
    case 'retype':
      if (isPair(item)) item.value = document.createNode(value);
      else parent.items[index] = document.createNode(value);
      break;
    case 'double':
      if (isSeq(parent)) parent.items.push(item);
      break;
    case 'swap':
      if (isMap(parent) || isSeq(parent)) parent.items.reverse();
      break;
  }
}

function outcome(text: string): 'valid' | 'refused' {
  try {
    parseConfig(text, 'understudy.yaml');
    return 'valid';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = text.split('\n').length;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { path, line, message } of error.problems) {
      expect(path).not.toBe('');
      expect(message).not.toMatch(/undefined|\[object|Invalid input/);
      if (line !== null) expect(line >= 1 && line <= lines).toBe(true);
    }
    return 'refused';
  }
}

it.each(EXAMPLES)('examples/%s, changed at random', (name) => {
  const seen = { valid: 0, refused: 0 };
  // Anchors are written out, so that a deletion never leaves an alias that cannot be printed.
  const text = stringify(parse(example(name)), { aliasDuplicateObjects: false });

  fc.assert(
    fc.property(fc.array(anyMutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const document = parseDocument(text);
      for (const mutation of mutations) mutate(document, mutation);
      seen[outcome(document.toString())] += 1;
    }),
    { numRuns: 300 },
  );

  // Both must happen, or the property says nothing.
  expect(seen.valid).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
});

it('text cut off anywhere', () => {
  const text = example('primary-standby.yaml');

  fc.assert(
    fc.property(fc.nat(text.length), (length) => {
      outcome(text.slice(0, length));
    }),
  );
});

it('text that is noise', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab:-[]{}&*!|>"\'#%@, \n\t?~'), maxLength: 60 }), (text) => {
      outcome(text);
    }),
    { numRuns: 500 },
  );
});

/** How DynamoDB is called, and what its answers are taken for. */
import type { Item } from '../../../lib/aws/store/attributes';
import type { Table } from '../../../lib/aws/store/table';
import { MalformedItem, OutsideRefused } from '../../../lib/domain/errors';
import { cancelled, conditionFailed, FAILED, HELD, recordingTable } from '../../support/recording-table';

const KEY = { pk: 'live', sk: 'vip#main' };
const item = (sk: string, fields: Item = {}): Item => ({ pk: { S: 'live' }, sk: { S: sk }, ...fields });
const CONDITION = { clause: '#epoch = :epoch', values: { epoch: 3 } };
const UPDATE = { ...CONDITION, update: 'SET #epoch = :epoch' };
const refused = () => (): never => {
  throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
};

const CALLS: [string, (table: Table) => Promise<unknown>][] = [
  ['get', (table) => table.get(KEY, { consistent: true })],
  ['query', (table) => table.query('live')],
  ['put', (table) => table.put(item('vip#main'), CONDITION)],
  ['update', (table) => table.update(KEY, UPDATE)],
  ['delete', (table) => table.delete(KEY)],
  ['transact', (table) => table.transact([table.operations.check(KEY, CONDITION)])],
];

it.each(CALLS)('a call that is given up at its deadline ends, and is not applied later: %s', async (_name, call) => {
  const { table, sent } = recordingTable();
  await call(table);
  expect(sent.signals).toEqual([true]);
});

describe('a read', () => {
  it.each([true, false])('of one item is as consistent as was asked: %p', async (consistent) => {
    const { table, sent } = recordingTable();
    await table.get(KEY, { consistent });
    expect(sent.reads).toEqual([{ key: 'live / vip#main', consistent }]);
  });

  it('of a partition is consistent, and of what its prefix and filter let through', async () => {
    const { table, sent } = recordingTable([item('node#fs-a'), item('vip#main')]);

    const found = await table.query('live', { prefix: 'vip#', filter: 'attribute_not_exists(#told)' });

    expect(found.map(({ sk }) => sk)).toEqual(['vip#main']);
    expect(sent.reads).toEqual([{ key: 'live / vip#*', consistent: true, filter: 'attribute_not_exists(#told)' }]);
  });

  const many = (count: number): Item[] => Array.from({ length: count }, (_, index) => item(`obs#${index}`));

  it('of a partition goes on until its last page', async () => {
    const { table } = recordingTable(many(20), { pageSize: 1 });
    expect(await table.query('live')).toHaveLength(20);
  });

  it('of a partition that is too large gives nothing, rather than a part of it', async () => {
    const { table } = recordingTable(many(21), { pageSize: 1 });
    await expect(table.query('live')).rejects.toBeInstanceOf(MalformedItem);
  });
});

describe('a write', () => {
  const WRITES: [string, (table: Table) => Promise<unknown>][] = [
    ['put', (table) => table.put(item('vip#main'), CONDITION)],
    ['update', (table) => table.update(KEY, UPDATE)],
  ];

  it.each(WRITES)('whose condition failed says what stands there: %s', async (_name, call) => {
    const { table, sent } = recordingTable([], { answers: [conditionFailed(item('vip#main', { epoch: { N: '4' } }))] });

    expect(await call(table)).toEqual({ applied: false, found: { ...KEY, epoch: 4 } });

    expect(sent.writes[0]?.condition).toBe('#epoch = :epoch');
    expect(sent.asksWhatItFound).toEqual([true]);
  });

  it.each(WRITES)('that was refused otherwise is no answer: %s', async (_name, call) => {
    const { table } = recordingTable([], { answers: [refused()] });
    await expect(call(table)).rejects.toBeInstanceOf(OutsideRefused);
  });

  it('gives an item as an update left it', async () => {
    const { table, sent } = recordingTable([], { answers: [() => ({ Attributes: item('vip#main') })] });
    expect(await table.update(KEY, UPDATE)).toEqual({ applied: true, after: KEY });
    expect(sent.asksWhatItLeft).toEqual([true]);
  });
});

describe('a transaction', () => {
  const CONFLICT = { Code: 'TransactionConflict' };
  const operations = ({ operations: { put, update, check } }: Table) => [
    put(item('vip#main'), CONDITION),
    update(KEY, UPDATE),
    check(KEY, CONDITION),
  ];

  it('sends the condition of each of its items, and asks each what it found', async () => {
    const { table, sent } = recordingTable();
    expect(await table.transact(operations(table), 'token')).toBeNull();
    expect(sent.writes.map(({ kind, condition }) => [kind, condition])).toEqual(
      ['put', 'update', 'check'].map((kind) => [kind, '#epoch = :epoch']),
    );
    expect(sent.asksWhatItFound).toEqual([true, true, true]);
    expect(sent.tokens).toEqual(['token']);
  });

  it('that was refused says which of its items refused, and what stands there', async () => {
    const found = { ...FAILED, Item: item('vip#main') };
    const { table } = recordingTable([], { answers: [cancelled([HELD, found, FAILED])] });
    expect(await table.transact(operations(table))).toEqual([
      { refused: false },
      { refused: true, found: KEY },
      { refused: true, found: null },
    ]);
  });

  it('that only met another one is tried again', async () => {
    const { table, sent, clock } = recordingTable([], { answers: [cancelled([HELD, CONFLICT, HELD])] });
    const answer = table.transact(operations(table));
    await clock.until(() => sent.writes.length === 6, 4_000);
    expect(await answer).toBeNull();
  });

  it('that failed for another reason is neither refused nor applied', async () => {
    const { table } = recordingTable([], { answers: [refused()] });
    await expect(table.transact(operations(table))).rejects.toBeInstanceOf(OutsideRefused);
  });
});

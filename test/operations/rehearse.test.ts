import { OutsideTimeout } from '../../lib/domain/errors';
import { rehearse } from '../../lib/operations/rehearse';
import { silentLog } from '../support/fake-world';
import { healthyPair, twoVips } from '../support/two-vips';

/** Which ways were tried, and what was counted, where that to `shut` ends with an error. */
async function rehearsed(
  shut: string | null = null,
  {
    without = '',
    locked = '',
    database = DATABASE,
  }: { without?: string; locked?: string; database?: typeof DATABASE | null } = {},
) {
  const topology = twoVips({ database });
  topology.vips = topology.vips.map((vip) => (vip.id === 'second' ? { ...vip, candidates: ['fs-a', 'fs-b'] } : vip));
  const ways: string[] = [];
  const counted: unknown[] = [];
  const asked: string[] = [];
  const check = (node: { id: string }, vip: { id: string }, _timeoutMs: number, asks: boolean): Promise<unknown> => {
    ways.push(`${node.id}/${vip.id}`);
    if (asks) asked.push(`${node.id}/${vip.id}`);
    if (node.id === shut) return Promise.reject(new OutsideTimeout('AccessDenied'));
    return Promise.resolve(asks ? { withoutDatabase: node.id === without ? 'it is silent' : null } : {});
  };
  const metrics = { count: (...count: unknown[]) => void counted.push(count), durationMs: () => undefined };
  const deps = { nodeControl: { check } as never, metrics, log: silentLog };
  const snapshot = healthyPair({ topology });
  const nodes = snapshot.nodes.map((each) => ({ ...each, lockedBy: each.nodeId === locked ? 'main#1' : null }));
  await rehearse(deps, { ...snapshot, nodes });
  return { ways, counted, asked };
}

const DATABASE = { host: '127.0.0.1', port: 5432, name: 'freeswitch' };
const ALL = ['fs-a/main', 'fs-b/main', 'fs-c/main', 'fs-a/second', 'fs-b/second'];

describe('a rehearsal', () => {
  it('asks every node for the VIPs that it may take, and for no other', async () => {
    expect(await rehearsed()).toMatchObject({ ways: ALL, counted: [] });
  });

  it('asks each node once whether it reaches its database, but none that may not log in there', async () => {
    expect((await rehearsed()).asked).toEqual(['fs-a/main', 'fs-b/main', 'fs-c/main']);
    expect((await rehearsed(null, { locked: 'fs-b' })).asked).toEqual(['fs-a/main', 'fs-c/main']);
    expect((await rehearsed(null, { database: null })).asked).toEqual([]);
  });

  it('counts a node that does not reach its database', async () => {
    const { counted } = await rehearsed(null, { without: 'fs-c' });
    expect(counted).toEqual([['RehearsalErrors', 1, { node: 'fs-c' }]]);
  });

  it('counts a way that is shut, and tries every other', async () => {
    const { ways, counted } = await rehearsed('fs-b');
    expect(ways).toEqual(ALL);
    expect(counted).toEqual([
      ['RehearsalErrors', 1, { node: 'fs-b' }],
      ['RehearsalErrors', 1, { node: 'fs-b' }],
    ]);
  });
});

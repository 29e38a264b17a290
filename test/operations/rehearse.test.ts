import { OutsideTimeout } from '../../lib/domain/errors';
import { rehearse } from '../../lib/operations/rehearse';
import { silentLog } from '../support/fake-world';
import { healthyPair, twoVips } from '../support/two-vips';

/** Which ways were tried, and what was counted, where that to `shut` ends with an error. */
async function rehearsed(shut: string | null = null) {
  const topology = twoVips();
  topology.vips = topology.vips.map((vip) => (vip.id === 'second' ? { ...vip, candidates: ['fs-a', 'fs-b'] } : vip));
  const ways: string[] = [];
  const counted: unknown[] = [];
  const check = (node: { id: string }, vip: { id: string }): Promise<unknown> => {
    ways.push(`${node.id}/${vip.id}`);
    return node.id === shut ? Promise.reject(new OutsideTimeout('AccessDenied')) : Promise.resolve(null);
  };
  const metrics = { count: (...count: unknown[]) => void counted.push(count), durationMs: () => undefined };
  const deps = { nodeControl: { check } as never, metrics, log: silentLog };
  await rehearse(deps, healthyPair({ topology }));
  return { ways, counted };
}

const ALL = ['fs-a/main', 'fs-b/main', 'fs-c/main', 'fs-a/second', 'fs-b/second'];

describe('a rehearsal', () => {
  it('asks every node for the VIPs that it may take, and for no other', async () => {
    expect(await rehearsed()).toEqual({ ways: ALL, counted: [] });
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

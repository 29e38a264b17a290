import { OutsideTimeout } from '../../lib/domain/errors';
import { inspectNodes } from '../../lib/operations/inspect-nodes';
import { healthyPair, stageOf } from '../support/two-vips';

describe('the check of the nodes', () => {
  it('asks each node, in the order of the topology', async () => {
    const { world, deps } = stageOf(healthyPair());
    world.inspections.set('fs-b', { level: 1, missing: ['mod_pgsql'], conflicts: ['keepalived runs'] });
    const inspections = await inspectNodes(deps.nodeControl, healthyPair().topology);
    expect(inspections.map(({ nodeId, level }) => [nodeId, level])).toEqual([
      ['fs-a', 3],
      ['fs-b', 1],
      ['fs-c', 3],
    ]);
    expect(inspections[1]).toMatchObject({ missing: ['mod_pgsql'], conflicts: ['keepalived runs'] });
  });

  it('has no level for a node that nobody could ask, and says why', async () => {
    const before = (_call: string, index: number): void => {
      if (index === 1) throw new OutsideTimeout('no node-control function');
    };
    const { deps } = stageOf(healthyPair(), {}, { before });
    const inspections = await inspectNodes(deps.nodeControl, healthyPair().topology);
    expect(inspections[1]).toEqual({
      nodeId: 'fs-b',
      level: null,
      missing: ['OutsideTimeout: no node-control function'],
      conflicts: [],
    });
    expect(inspections[2]?.level).toBe(3);
  });
});

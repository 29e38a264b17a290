/** The stacks are deployed again while the cluster is watched and callers are served. */
import { CdkFailed } from '../../../local/demo/cdk';
import { deployAll, synthesise } from '../../../local/demo/deploy';
import { notYet, ready, until } from '../../../local/demo/until';
import { THREE_NODES, variantOf } from '../support/configurations';
import { coverageDuring } from '../support/coverage';
import type { Stage } from '../support/stage';

const DEPLOY_TIMEOUT_MS = 240_000;
const OTHER_IMAGE = 'ami-0fedcba9876543210';

export function update(stage: () => Stage): void {
  describe('a deployment of another version', () => {
    it(
      'is watched without a gap: the new observers take over, and neither holder nor callers notice',
      async () => {
        const { world } = stage();
        const before = await stage().vip();
        const { version } = await world.store.readTopology();
        const { freshForMs } = world.topology.policy;
        const config = variantOf(THREE_NODES, 'other-policy', (document) =>
          document.setIn(['clusters', 0, 'policy', 'blockPeriod'], '11m'),
        );
        await synthesise({ ...world.deployOptions, config });
        const since = stage().now();

        const { coverage, result: newVersion } = await coverageDuring(world, before.holder?.nodeId ?? '', async () => {
          await deployAll({ ...world.deployOptions, config });
          return untilNewObserversWatch(version);
        });

        expect(newVersion).not.toBe(version);
        expect((await world.store.readTopology()).policy.blockPeriodMs).toBe(11 * 60_000);
        expect(coverage.samples).toBeGreaterThan(10);
        expect(coverage.oldestQuorumMs).toBeLessThan(freshForMs);
        expect(await stage().vip()).toMatchObject({ epoch: before.epoch, holder: before.holder, status: 'held' });
        expect(since.applied('ec2', 'DisassociateAddress')).toEqual([]);
        expect(since.pages()).toEqual([]);
        expect(since.caller()).toMatchObject({ outageMs: 0, servedNow: true });
        stage().note('quorum never older than (ms), over an update', coverage.oldestQuorumMs);
      },
      DEPLOY_TIMEOUT_MS,
    );

    it('fails over as before', async () => {
      await stage().world.inject('kill');
      const facts = await stage().untilRecovered();
      expect(facts.transitions).toHaveLength(1);
      await stage().rest();
    });
  });

  describe('a deployment that would replace the holder', () => {
    it(
      'is refused by name and rolled back, and callers are served throughout',
      async () => {
        const { world } = stage();
        const before = await stage().vip();
        const topology = await world.store.readTopology();
        const index = topology.nodes.findIndex((node) => node.id === before.holder?.nodeId);
        const config = variantOf(THREE_NODES, 'other-image', (document) => {
          document.setIn(['clusters', 0, 'policy', 'blockPeriod'], '11m');
          const machine = { instanceType: 'c7g.large', image: OTHER_IMAGE };
          document.setIn(['clusters', 0, 'nodes', index, 'create'], machine);
        });
        await synthesise({ ...world.deployOptions, config });
        const since = stage().now();

        const refusal = await deployAll({ ...world.deployOptions, config }).catch((error: unknown) => error);

        expect(refusal).toBeInstanceOf(CdkFailed);
        expect(String(refusal)).toContain(`would replace ${before.holder?.nodeId} (holds main)`);
        const states = await world.fleet.states();
        expect([...states.keys()].sort()).toEqual(topology.nodes.map((node) => node.instanceId).sort());
        expect(new Set(states.values())).toEqual(new Set(['running']));
        expect((await world.store.readTopology()).version).toBe(topology.version);
        expect(await stage().vip()).toMatchObject({ epoch: before.epoch, holder: before.holder, status: 'held' });
        expect(since.caller()).toMatchObject({ outageMs: 0, servedNow: true });
      },
      DEPLOY_TIMEOUT_MS,
    );
  });

  /** The version that all observers have when they all have another than the old one. */
  const untilNewObserversWatch = (oldVersion: string): Promise<string> =>
    until('the observers of the new version watch', { timeoutMs: 60_000 }, async () => {
      const { topology, leases } = await stage().world.snapshot();
      const behind = leases.filter((lease) => lease.codeVersion !== topology.version).map((lease) => lease.zone);
      const isOver = topology.version !== oldVersion && leases.length === topology.observers.length;
      return isOver && behind.length === 0 ? ready(topology.version) : notYet(`still old in ${behind.join(', ')}`);
    });
}

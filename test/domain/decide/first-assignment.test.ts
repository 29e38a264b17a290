import type { Change, Decision } from '../../../lib/domain/decision';
import type { ClusterSnapshot, Observation } from '../../../lib/domain/model';
import { decisionWrite } from '../../../lib/domain/transition';
import {
  healthy,
  look,
  looks,
  nodeState,
  NOW,
  policy,
  topologyOf,
  vipState,
  withShutdownPending,
  ZONES,
} from '../../support/cluster';
import { decideOne, standby } from './stage';

describe('the first assignment', () => {
  const unassigned = (overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
    healthy({
      vips: [vipState({ epoch: 0, holder: null, status: 'unassigned', changedAtMs: NOW - 60_000 })],
      nodes: [nodeState('fs-a'), nodeState('fs-b')],
      observations: [...looks('fs-a', 'ok', 'standby'), ...standby],
      ...overrides,
    });

  it.each([
    ['waits a minute for a more preferred node that may still boot', 59_000, { kind: 'none' }],
    ['and no longer', 61_000, { to: { nodeId: 'fs-b' } }],
  ])('%s', (_words, watchedForMs, expected) => {
    const at = NOW - watchedForMs;
    const lease = { zone: ZONES[0], owner: 'o', startedAtMs: at, renewedAtMs: NOW, untilMs: NOW, codeVersion: 'v1' };
    const booting = unassigned({
      observations: [...looks('fs-a', 'refused', 'silent'), ...standby],
      leases: [{ ...lease, topologyVersion: 'v1' }],
    });
    expect(decideOne(booting)).toMatchObject(expected);
    const paused = [nodeState('fs-a', { paused: true }), nodeState('fs-b')];
    expect(decideOne({ ...booting, nodes: paused })).toMatchObject({ to: { nodeId: 'fs-b' } });
    // One that boots is worth the wait, also where another one before it is in maintenance.
    const { vips, ...three } = topologyOf(3);
    const topology = { ...three, vips: vips.map((vip) => ({ ...vip, candidates: ['fs-c', 'fs-a', 'fs-b'] })) };
    const nodes = [nodeState('fs-a'), nodeState('fs-b'), nodeState('fs-c', { paused: true })];
    expect(decideOne({ ...booting, topology, nodes })).toMatchObject(expected);
  });

  it('takes the most preferred fit node', () => {
    expect(decideOne(unassigned())).toMatchObject({
      kind: 'change',
      transition: 'assignment',
      from: null,
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      expectedEpoch: 0,
    });
  });

  it('leaves the callers of an adopted cluster on the node that carries the address', () => {
    const topology = topologyOf();
    const vips = topology.vips.map((vip) => ({ ...vip, firstHolder: 'fs-b' }));
    expect(decideOne(unassigned({ topology: { ...topology, vips } }))).toMatchObject({ to: { nodeId: 'fs-b' } });
  });

  describe('of an adopted cluster, whose address fs-b carries', () => {
    const topology = topologyOf();
    const adopted = { ...topology, vips: topology.vips.map((vip) => ({ ...vip, firstHolder: 'fs-b' })) };
    const seenAs = (...observations: Observation[]): Decision =>
      decideOne(unassigned({ topology: adopted, observations: [...looks('fs-a', 'ok', 'standby'), ...observations] }));

    it('waits for the carrier while its observers have not spoken yet', () => {
      expect(seenAs()).toMatchObject({ kind: 'none' });
      expect(seenAs(look('fs-b', 'us-east-1a', 'ok', 'ok'))).toMatchObject({ kind: 'none' });
    });

    it('takes it when it is full: its callers are there', () => {
      expect(seenAs(...looks('fs-b', 'ok', 'busy'))).toMatchObject({ to: { nodeId: 'fs-b' } });
    });

    it('and fails over to it no more than to another full node once its callers have moved on', () => {
      const vips = [vipState({ holder: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } })];
      const observations = [...looks('fs-a', 'refused', 'silent'), ...looks('fs-b', 'ok', 'busy')];

      expect(decideOne(healthy({ topology: adopted, vips, observations }))).toMatchObject({
        incident: { kind: 'no-candidate' },
      });
    });

    it('goes elsewhere only when a majority finds it dead', () => {
      expect(seenAs(...looks('fs-b', 'refused', 'silent'))).toMatchObject({ to: { nodeId: 'fs-a' } });
      expect(seenAs(...looks('fs-b', 'ok', 'silent'))).toMatchObject({ kind: 'none' });
    });

    it('takes the carrier when it carries more VIPs than the policy would put there: they are there already', () => {
      const nodes = [nodeState('fs-a'), nodeState('fs-b', { claims: ['other'] })];
      const observations = [...looks('fs-a', 'ok', 'standby'), ...looks('fs-b', 'ok', 'ok')];

      const decision = decideOne(unassigned({ topology: adopted, nodes, observations })) as Change;

      expect(decision).toMatchObject({ kind: 'change', to: { nodeId: 'fs-b' } });
      const maxima = (carrier: string | null): number[] => {
        const [vip] = topology.vips;
        const vips =
          vip === undefined
            ? []
            : [
                { ...vip, firstHolder: carrier },
                { ...vip, id: 'other' },
              ];
        const at = { ...topology, vips, policy: { ...policy, maxVipsPerNode: 1 } };
        return [decision, { ...decision, transition: 'failover' as const }].map(
          (change) => decisionWrite(change, at, [], NOW, 'test').maxVipsPerNode,
        );
      };
      expect(maxima('fs-b')).toEqual([2, 1]);
      expect(maxima('fs-a')).toEqual([1, 1]);
    });

    it('takes a carrier that waits for its last call to shut down: its callers are there until it does', () => {
      const going = withShutdownPending(looks('fs-b', 'ok', 'ok'));

      expect(seenAs(...going)).toMatchObject({ kind: 'change', to: { nodeId: 'fs-b' } });
    });

    it('stays on a carrier that nobody ever saw alive: the probes may not reach it, and callers may', () => {
      const unseen = looks('fs-b', 'refused', 'silent', { coreUuid: null });

      const decision = seenAs(...unseen);

      expect(decision).toMatchObject({ kind: 'none' });
      expect(decision.reasons.join('; ')).toContain('fs-b carries its address and no majority ever saw it alive');
    });

    it('stays on a carrier that boots: whoever looked before it was up has seen no death', () => {
      const [first, ...others] = ZONES;
      const notYetUp = others.map((zone) => look('fs-b', zone, 'refused', 'silent', { coreUuid: null }));

      const decision = seenAs(look('fs-b', first, 'ok', 'ok'), ...notYetUp);

      expect(decision).toMatchObject({ kind: 'none' });
      expect(decision.reasons.join('; ')).toContain('no majority ever saw it alive');
    });

    it('leaves a carrier that nobody ever saw alive once EC2 says that it does not run', () => {
      const observations = [
        ...looks('fs-a', 'ok', 'standby'),
        ...looks('fs-b', 'silent', 'silent', { coreUuid: null }),
      ];
      const instances = [{ nodeId: 'fs-b', state: 'stopped', atMs: NOW - 5_000 }];

      expect(decideOne(unassigned({ topology: adopted, observations, instances }))).toMatchObject({
        to: { nodeId: 'fs-a' },
      });
    });
  });

  it('waits while no node is fit', () => {
    expect(decideOne(unassigned({ observations: [] }))).toMatchObject({ kind: 'none', well: false });
  });

  it.each([
    ['pages nobody while nodes may install themselves', 15 * 60_000, { kind: 'none' }],
    ['pages when a VIP has no holder for longer', 15 * 60_000 + 1, { incident: { kind: 'no-holder', vipId: 'main' } }],
  ])('%s', (_words, registeredAgoMs, expected) => {
    const vips = [vipState({ epoch: 0, holder: null, status: 'unassigned', changedAtMs: NOW - registeredAgoMs })];
    expect(decideOne(unassigned({ vips, observations: [] }))).toMatchObject(expected);
  });
});

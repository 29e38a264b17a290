/** A change of holder that is closed as stuck, explained: what it is stuck at, and what alone changes its course. */
import fc from 'fast-check';
import { explain, type VipExplanation } from '../../lib/domain/explain';
import { settle } from '../../lib/domain/explain/outcome';
import { STEP_NAMES, type ClusterSnapshot, type StepName, type Transition } from '../../lib/domain/model';
import { healthy, looks, nodeState, NOW, topologyOf, vipState } from '../support/cluster';
import { aMove, journalOf } from '../support/moves';
import { anyCluster } from './any-cluster';

const topology = topologyOf(3);
const decidedAtMs = NOW - 900_000;
const TO = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
const moving = vipState({ epoch: 2, status: 'moving', holder: TO, changedAtMs: decidedAtMs });
const targetDead = [
  ...looks('fs-a', 'refused', 'silent'),
  ...looks('fs-b', 'refused', 'silent'),
  ...looks('fs-c', 'ok', 'standby'),
];

const cluster = (overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot =>
  healthy({
    topology,
    nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['main'] }), nodeState('fs-c')],
    vips: [moving],
    observations: targetDead,
    ...overrides,
  });

/** A failover from fs-a to fs-b that got stuck, its address detached, with what the steps said last. */
function stuck(errors: Partial<Record<StepName, string>> = {}): Transition {
  const change = aMove({ transition: 'failover', cause: 'suspected-death', detectedAtMs: decidedAtMs });
  const journal = journalOf(change, topology, decidedAtMs, ['fence', 'detach']);
  const steps = { ...journal.steps };
  for (const step of STEP_NAMES) steps[step] = { ...steps[step], error: errors[step] ?? null };
  return { ...journal, steps, status: 'stuck', closedAtMs: NOW - 300_000 };
}

function explained(snapshot: ClusterSnapshot, journal: Transition): VipExplanation {
  const [main] = explain(snapshot, [journal], NOW).vips;
  if (main === undefined) throw new Error('no VIP');
  return main;
}

const acknowledgement =
  'nothing changes its course by itself, whatever dies: do what its page says, then `acknowledge --vip main`';

it('is called stuck, and not on its way', () => {
  expect(explained(cluster(), stuck()).status).toBe('stuck');
});

it.each([
  ['another VIP', { vipId: 'second' }],
  ['an epoch that is over', { epoch: 1 }],
])('is on its way, whatever became of a change of %s', (_words, other) => {
  const { status, missingForFailover } = explained(cluster(), { ...stuck(), ...other });

  expect(status).toBe('moving');
  expect(missingForFailover).toEqual([expect.stringMatching(/^it is on its way to fs-b/)]);
});

it('has no name that is behind where it has none', () => {
  const vips = topology.vips.map((vip) => ({ ...vip, privateDns: null }));

  expect(explained(cluster({ topology: { ...topology, vips } }), stuck()).nameBehind).toBeNull();
});

describe('what is missing', () => {
  it('is what it is stuck at and an acknowledgement, also where the node that it moves to is dead', () => {
    const journal = stuck({ attach: 'somebody else has the address', fence: 'of an earlier try' });

    const { missingForFailover, decision } = explained(cluster(), journal);

    expect(missingForFailover).toEqual([
      'main#2 is stuck at step attach: somebody else has the address',
      acknowledgement,
    ]);
    expect(decision.does).toMatch(/^nothing happens by itself: main#2 is stuck/);
  });

  it('is the first step that did not end, where none says why', () => {
    expect(explained(cluster(), stuck()).missingForFailover).toEqual([
      'main#2 is stuck at step attach: it never settled',
      acknowledgement,
    ]);
  });

  it.each([
    ['can be its name, where that is all its callers have', null, 'main#2 is stuck at step dns: Route 53 is away'],
    [
      'is never its name, where it has an Elastic IP',
      topology.vips[0]!.elasticIp,
      'main#2 is stuck at step attach: it never settled',
    ],
  ])('%s', (_words, elasticIp, line) => {
    const vips = topology.vips.map((vip) => ({ ...vip, elasticIp }));

    const { missingForFailover } = explained(
      cluster({ topology: { ...topology, vips } }),
      stuck({ dns: 'Route 53 is away' }),
    );

    expect(missingForFailover).toEqual([line, acknowledgement]);
  });

  it('is the node that it moves to, where the topology does not have it', () => {
    const without = { ...topology, nodes: topology.nodes.filter(({ id }) => id !== 'fs-b') };

    expect(explained(cluster({ topology: without }), stuck()).missingForFailover).toEqual([
      'main#2 is stuck on its way to fs-b, which the deployed topology does not have',
      acknowledgement,
    ]);
  });

  it('is whoever resumes it, too, where it is paused', () => {
    const paused = cluster({ vips: [{ ...moving, paused: true }] });

    expect(explained(paused, stuck()).missingForFailover).toEqual([
      'the VIP is paused: a human has to resume it',
      'main#2 is stuck at step attach: it never settled',
      acknowledgement,
    ]);
  });

  it('is no second acknowledgement: once there is one, the decision says what stands in its way', () => {
    const observations = [...targetDead.slice(0, 6), ...looks('fs-c', 'refused', 'silent')];
    const acknowledged = cluster({ observations, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] });

    const { missingForFailover } = explained(acknowledged, stuck());

    expect(missingForFailover.join('; ')).toMatch(/fs-c is not fit/);
    expect(missingForFailover.join('; ')).not.toContain('acknowledge --vip');
  });

  it('is empty exactly where a failover is decided, for any cluster with a stuck change', () => {
    const anyStuck = fc.tuple(anyCluster, fc.boolean(), fc.subarray(['fence', 'detach', 'attach', 'promote'] as const));
    fc.assert(
      fc.property(anyStuck, ([drawn, acknowledged, done]) => {
        const change = aMove({ expectedEpoch: 3, detectedAtMs: decidedAtMs });
        const journal: Transition = {
          ...journalOf(change, drawn.topology, decidedAtMs, done),
          ...{ status: 'stuck', closedAtMs: NOW - 300_000 },
        };
        const [main, ...others] = drawn.vips;
        if (main === undefined) throw new Error('no VIP');
        const acknowledgedAtMs = acknowledged ? NOW - 100 : null;
        const snapshot = {
          ...drawn,
          vips: [{ ...main, holder: TO, status: 'moving' as const, acknowledgedAtMs }, ...others],
        };

        const outcome = settle(snapshot, [journal], NOW).get('main');
        const { missingForFailover } = explained(snapshot, journal);

        const failsOver =
          outcome?.kind === 'decided' &&
          outcome.decision.kind === 'change' &&
          outcome.decision.transition === 'failover';
        expect(missingForFailover.length === 0).toBe(failsOver);
      }),
      { numRuns: 100 },
    );
  });
});

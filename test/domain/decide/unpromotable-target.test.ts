/** A VIP on its way to a node that is alive and cannot be promoted. */
import type { Change } from '../../../lib/domain/decision';
import type { ClusterSnapshot, Observation, StepName, Transition } from '../../../lib/domain/model';
import { healthy, look, looks, nodeState, NOW, policy, topologyOf, vipState, ZONES } from '../../support/cluster';
import { aMove, journalOf } from '../../support/moves';
import { decideOne } from './stage';

/** As long as a gray failure may last. */
const LASTING_MS = 3 * policy.dissentHoldMs;
const topology = topologyOf(3);
const decidedAtMs = NOW - 60_000;
const moving = vipState({
  ...{ epoch: 2, status: 'moving', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' }, changedAtMs: decidedAtMs },
});
const dead = looks('fs-a', 'refused', 'silent');
const serving = looks('fs-a', 'ok', 'ok');
const fit = looks('fs-c', 'ok', 'standby');
const away = looks('fs-c', 'refused', 'silent');
const paused = looks('fs-b', 'paused', 'busy');

const FAILOVER = { transition: 'failover', cause: 'conclusive-death', startsBlock: true } as const;

/** From fs-a to fs-b, and these steps done. */
const journal = (change: Partial<Change> = {}, done: readonly StepName[] = []): Transition =>
  journalOf(aMove({ ...FAILOVER, detectedAtMs: decidedAtMs, ...change }), topology, decidedAtMs, done);

const switchover = (done: readonly StepName[] = []): Transition =>
  journal({ transition: 'switchover', cause: 'operator', startsBlock: false }, done);

function cluster(observations: Observation[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const nodes = ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id));
  return healthy({ topology, nodes, vips: [moving], observations, ...overrides });
}

const toC = { kind: 'change', cause: 'candidate-died', from: { nodeId: 'fs-b' }, to: { nodeId: 'fs-c' } };
const staysWith = (words: RegExp) => ({
  ...{ kind: 'none', well: false, reasons: expect.arrayContaining([expect.stringMatching(words)]) as string[] },
});

describe('a target that cannot be promoted', () => {
  it.each([
    ['is paused', 'paused', 'busy'],
    ['is paused, and its SIP has not noticed yet', 'paused', 'standby'],
    ['rejects us', 'rejected', 'standby'],
    ['rejects us, and its SIP is silent', 'rejected', 'silent'],
  ] as const)('and %s is left for the next candidate at once, in the same chain', (_, esl, sip) => {
    const decision = decideOne(cluster([...dead, ...looks('fs-b', esl, sip), ...fit]), [journal()]);

    expect(decision).toMatchObject({ ...toC, transition: 'failover', startsBlock: false, follows: { id: 'main#2' } });
  });

  it.each(['silent', 'malformed', 'refused'] as const)(
    'because its ESL is %s while SIP answers is left once that has lasted as long as a gray failure may',
    (esl) => {
      const since = (agoMs: number): Observation[] =>
        looks('fs-b', esl, 'standby', { eslMissingSinceMs: NOW - 100 - agoMs });

      expect(decideOne(cluster([...dead, ...since(LASTING_MS - 1), ...fit]), [journal()])).toMatchObject({
        kind: 'none',
      });
      expect(decideOne(cluster([...dead, ...since(LASTING_MS), ...fit]), [journal()])).toMatchObject(toC);
    },
  );

  it('is not left for what its ESL was before the VIP was sent there', () => {
    const deaf = looks('fs-b', 'silent', 'standby', { eslMissingSinceMs: NOW - 3_600_000 });
    const vips = [{ ...moving, changedAtMs: NOW - 1_000 }];

    expect(decideOne(cluster([...dead, ...deaf, ...fit], { vips }), [journal()])).toMatchObject({ kind: 'none' });
  });

  it('is not left on looks from before the VIP was sent there, nor on old ones', () => {
    const vips = [{ ...moving, changedAtMs: NOW - 50 }];
    const old = looks('fs-b', 'paused', 'busy', { observedAtMs: NOW - 5_000, withdrawnSinceMs: NOW - 50_000 });

    expect(decideOne(cluster([...dead, ...paused, ...fit], { vips }), [journal()])).toMatchObject({ kind: 'none' });
    expect(decideOne(cluster([...dead, ...old, ...fit]), [journal()])).toMatchObject({ kind: 'none' });
  });

  it('is left on the word of a majority, which must have lasted where not everybody agrees', () => {
    const [first, second, third] = ZONES;
    const two = (agoMs: number): Observation[] => [
      ...[first, second].map((zone) => look('fs-b', zone, 'paused', 'busy', { withdrawnSinceMs: NOW - 100 - agoMs })),
      look('fs-b', third, 'ok', 'standby'),
    ];
    const one = [
      look('fs-b', first, 'paused', 'busy', { withdrawnSinceMs: NOW - 50_000 }),
      ...[second, third].map((zone) => look('fs-b', zone, 'ok', 'standby')),
    ];

    expect(decideOne(cluster([...dead, ...two(policy.dissentHoldMs - 1), ...fit]), [journal()])).toMatchObject({
      kind: 'none',
    });
    expect(decideOne(cluster([...dead, ...two(policy.dissentHoldMs), ...fit]), [journal()])).toMatchObject(toC);
    expect(decideOne(cluster([...dead, ...one, ...fit]), [journal()])).toMatchObject({ kind: 'none' });
  });

  it('is waited for where no other node is fit, and the reasons name what keeps it', () => {
    const decision = decideOne(cluster([...dead, ...paused, ...away]), [journal()]);

    expect(decision).toMatchObject(staysWith(/fs-b was to take over and is paused/));
    expect(decision.reasons.join('; ')).toMatch(/fs-c is not fit/);
  });

  it.each([
    ['is full', 'ok', 'busy'],
    ['rejects us and answers callers', 'rejected', 'ok'],
    ['rejects us and is full', 'rejected', 'busy'],
    ['does not answer ESL and answers callers', 'silent', 'ok'],
    ['does not answer ESL and is full', 'malformed', 'busy'],
    ['is in standby', 'ok', 'standby'],
  ] as const)('is another one than a target that %s', (_, esl, sip) => {
    const seen = [...dead, ...looks('fs-b', esl, sip, { eslMissingSinceMs: NOW - 50_000 }), ...fit];

    expect(decideOne(cluster(seen), [journal()])).toMatchObject({ kind: 'none' });
  });

  it('is not left once it was promoted: calls may be on it', () => {
    expect(decideOne(cluster([...dead, ...paused, ...fit]), [journal({}, ['promote'])])).toMatchObject({
      kind: 'none',
    });
  });

  it('is not left by a holder that fell into standby: its process has its calls', () => {
    const promotion = journal({
      ...{ transition: 'reinstatement', cause: 'holder-in-standby', from: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } },
    });

    expect(decideOne(cluster([...dead, ...paused, ...fit]), [promotion])).toMatchObject({ kind: 'none' });
  });

  it('of a reinstatement is left by a failover: counted, and blocked like any other', () => {
    const reinstatement = journal({ transition: 'reinstatement', cause: 'restarted' });
    const seen = [...dead, ...paused, ...fit];
    const vips = [{ ...moving, lastAutomaticFailoverAtMs: NOW - 1_000 }];

    expect(decideOne(cluster(seen), [reinstatement])).toMatchObject({
      ...toC,
      transition: 'failover',
      startsBlock: true,
    });
    expect(decideOne(cluster(seen, { vips }), [reinstatement])).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('is left as often as one that dies', () => {
    const last = { ...journal(), chain: { rootEpoch: 2, retargets: policy.maxRetargets } };

    expect(decideOne(cluster([...dead, ...paused, ...fit]), [last])).toMatchObject({
      incident: { kind: 'retargets-exhausted' },
    });
  });

  it('is not left without the journal of the move', () => {
    expect(decideOne(cluster([...dead, ...paused, ...fit]), [])).toMatchObject({ kind: 'none' });
  });

  describe('where another VIP is on it', () => {
    const other = (change: object) => vipState({ ...moving, vipId: 'other', ...change });
    const seen = [...dead, ...paused, ...fit];

    it('is waited for: the other one would end with its process', () => {
      const vips = [moving, other({ status: 'held' })];

      expect(decideOne(cluster(seen, { vips }), [journal()])).toMatchObject(staysWith(/it holds other too/));
    });

    it('is left by both where it was to take both', () => {
      const vips = [moving, other({})];

      expect(decideOne(cluster(seen, { vips }), [journal(), { ...journal(), vipId: 'other' }])).toMatchObject(toC);
    });

    it('is waited for where the other one was promoted already', () => {
      const vips = [moving, other({})];
      const promoted = { ...journal({}, ['promote']), vipId: 'other' };

      expect(decideOne(cluster(seen, { vips }), [journal(), promoted])).toMatchObject(staysWith(/it holds other too/));
    });
  });

  describe('of a planned move', () => {
    const toA = { ...toC, transition: 'switchover', to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' } };

    it('is left for the old holder, which serves on, while nothing was taken from that', () => {
      expect(decideOne(cluster([...serving, ...paused, ...away]), [switchover()])).toMatchObject(toA);
    });

    it.each(['fence', 'detach'] as const)('is not left for the old process after step %s: it ends by order', (step) => {
      expect(decideOne(cluster([...serving, ...paused, ...fit]), [switchover([step])])).toMatchObject(toC);
      expect(decideOne(cluster([...serving, ...paused, ...away]), [switchover([step])])).toMatchObject(
        staysWith(/fs-a is not fit: its process ends by main#2/),
      );
    });

    it('is left for the next process on the old node, which is a standby', () => {
      const again = looks('fs-a', 'ok', 'standby').map((each) => ({
        ...each,
        esl: { ...each.esl, coreUuid: 'uuid-again' },
      }));

      expect(decideOne(cluster([...again, ...paused, ...away]), [switchover(['fence'])])).toMatchObject({
        to: { nodeId: 'fs-a', coreUuid: 'uuid-again' },
      });
    });
  });

  it('of a failover is left for the old node, too, where that is fit again', () => {
    const restored = looks('fs-a', 'ok', 'standby');

    expect(decideOne(cluster([...restored, ...paused, ...away]), [journal({}, ['fence'])])).toMatchObject({
      ...{ cause: 'candidate-died', to: { nodeId: 'fs-a' } },
    });
  });
});

describe('a stuck transition that a human acknowledged, whose target cannot be promoted', () => {
  const stuck = (done: readonly StepName[] = []): Transition => ({
    ...journal({}, done),
    ...{ status: 'stuck', closedAtMs: NOW - 500 },
  });
  const acknowledged = { vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

  it.each([
    ['paused', 'busy'],
    ['rejected', 'standby'],
  ] as const)('goes to another node, and fences the one that is %s', (esl, sip) => {
    const seen = [...dead, ...looks('fs-b', esl, sip), ...fit];

    expect(decideOne(cluster(seen, acknowledged), [stuck()])).toMatchObject(toC);
    expect(decideOne(cluster(seen, acknowledged), [stuck(['attach', 'promote'])])).toMatchObject(toC);
  });

  it('waits for the first node that becomes fit, also for that one', () => {
    expect(decideOne(cluster([...dead, ...paused, ...away], acknowledged), [stuck()])).toMatchObject({
      incident: { kind: 'no-candidate' },
    });
    const resumed = [...dead, ...looks('fs-b', 'ok', 'standby'), ...away];
    expect(decideOne(cluster(resumed, acknowledged), [stuck()])).toMatchObject({ to: { nodeId: 'fs-b' } });
  });

  it('ends no process that another VIP is on', () => {
    const vips = [...acknowledged.vips, vipState({ vipId: 'other', holder: moving.holder })];

    expect(decideOne(cluster([...dead, ...paused, ...fit], { vips }), [stuck()])).toMatchObject({
      ...{ cause: 'operator', from: { nodeId: 'fs-a' }, to: { nodeId: 'fs-c' } },
    });
  });
});

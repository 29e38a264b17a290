import { decide } from '../../../lib/domain/decide';
import { explain } from '../../../lib/domain/explain';
import type { ClusterSnapshot, StepName, Transition } from '../../../lib/domain/model';
import { decisionWrite } from '../../../lib/domain/transition';
import { againstFreshForMs } from '../../../lib/domain/voters';
import { healthy, looks, nodeState, NOW, policy, topologyOf, vipState, ZONES } from '../../support/cluster';
import { decideOne, withHolderSeen } from './stage';

describe('retargeting: the candidate dies in the middle', () => {
  const topology = topologyOf(3);
  const nodes = ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id));
  const moving = vipState({ epoch: 2, status: 'moving', holder: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' } });
  const observations = [
    ...looks('fs-a', 'refused', 'silent'),
    ...looks('fs-b', 'refused', 'silent'),
    ...looks('fs-c', 'ok', 'standby'),
  ];

  function journal(retargets = 0): Transition {
    const first = decide(withHolderSeen(looks('fs-a', 'refused', 'silent')), [], NOW - 1_000)[0];
    if (first?.kind !== 'change') throw new Error('the first failover was not decided');
    const { transition } = decisionWrite(first, topology, [], NOW - 1_000, 'test');
    return { ...transition, chain: { rootEpoch: 2, retargets } };
  }
  const snapshot = healthy({ topology, nodes, vips: [moving], observations });

  it('takes the next candidate in the same chain, without a second block', () => {
    expect(decideOne(snapshot, [journal()])).toMatchObject({
      kind: 'change',
      transition: 'failover',
      cause: 'candidate-died',
      from: { nodeId: 'fs-b' },
      to: { nodeId: 'fs-c' },
      expectedEpoch: 2,
      startsBlock: false,
      follows: { id: 'main#2' },
    });
  });

  it('goes on inside the block period that its own chain started', () => {
    const vips = [{ ...moving, lastAutomaticFailoverAtMs: NOW - 1_000 }];

    expect(decideOne({ ...snapshot, vips }, [journal()])).toMatchObject({ kind: 'change', to: { nodeId: 'fs-c' } });
  });

  it.each<[string, Partial<Transition>]>([
    ['of another VIP', { vipId: 'other' }],
    ['of another epoch', { epoch: 1 }],
  ])('does nothing with a journal %s', (_words, of) => {
    expect(decideOne(snapshot, [{ ...journal(), ...of }])).toMatchObject({ kind: 'none' });
  });

  describe('of a target that came back as another FreeSWITCH', () => {
    const restarted = looks('fs-b', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-again' },
    }));

    it('takes the next candidate', () => {
      const seen = [...restarted, ...looks('fs-c', 'ok', 'standby')];

      expect(decideOne({ ...snapshot, observations: seen }, [journal()])).toMatchObject({
        kind: 'change',
        cause: 'candidate-died',
        to: { nodeId: 'fs-c' },
      });
    });

    it('takes it again, as it is now, where there is no other', () => {
      const seen = [...restarted, ...looks('fs-c', 'refused', 'silent')];

      expect(decideOne({ ...snapshot, observations: seen }, [journal()])).toMatchObject({
        kind: 'change',
        to: { nodeId: 'fs-b', coreUuid: 'uuid-again' },
      });
    });

    describe('stuck and acknowledged', () => {
      const acknowledged = { ...moving, acknowledgedAtMs: NOW - 100 };
      const observations = [...looks('fs-a', 'refused', 'silent'), ...restarted, ...looks('fs-c', 'ok', 'standby')];
      const stuck = (over: Partial<Transition>, ...done: StepName[]): Transition => {
        const journalled = structuredClone({ ...journal(), ...over, status: 'stuck' as const, closedAtMs: NOW - 500 });
        for (const step of done) journalled.steps[step].status = 'done';
        return journalled;
      };
      const goesOn = (from: Transition, more: Partial<ClusterSnapshot> = {}) =>
        decideOne({ ...snapshot, vips: [acknowledged], observations, ...more }, [from]);
      const before = { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' };
      const again = { nodeId: 'fs-b', coreUuid: 'uuid-again' };

      it.each<StepName>(['recover', 'promote'])('takes the calls of the process before, that had them: %s', (step) => {
        expect(goesOn(stuck({}, step))).toMatchObject({ cause: 'candidate-died', from: before, to: again });
      });

      it('and those that it was told to rebuild', () => {
        const { steps } = structuredClone(journal());
        steps.recover.ordered = { by: 'main#2', calls: 10, legs: 20 };

        expect(goesOn(stuck({ steps }))).toMatchObject({ cause: 'candidate-died', from: before, to: again });
      });

      it('and those that an earlier change of the chain may have given to it', () => {
        const later = stuck({ chain: { rootEpoch: 1, retargets: 0 } });

        expect(goesOn(later)).toMatchObject({ cause: 'candidate-died', from: before, to: again });
      });

      it('and those of a process of which one look is too old to count against it', () => {
        const agedMs = NOW - againstFreshForMs(policy) - 1;
        const old = observations.map((each) =>
          each.nodeId === 'fs-b' && each.zone !== ZONES[0] ? { ...each, observedAtMs: agedMs } : each,
        );

        expect(goesOn(stuck({}, 'recover'), { observations: old })).toMatchObject({ from: before, to: again });
      });

      it('takes those of the old holder where the process before had none', () => {
        expect(goesOn(stuck({}))).toMatchObject({ cause: 'operator', from: { nodeId: 'fs-a' }, to: again });
      });

      describe('whose node is not fit any more', () => {
        const unfit = observations.map((each) =>
          each.nodeId === 'fs-b' ? { ...each, esl: { ...each.esl, clockOffsetMs: -60_000 } } : each,
        );

        it('goes elsewhere with the calls of the process before', () => {
          expect(goesOn(stuck({}, 'recover'), { observations: unfit })).toMatchObject({
            ...{ cause: 'candidate-died', from: before, to: { nodeId: 'fs-c' } },
          });
        });

        it('goes back to the old holder where that was restored, and no other is fit, whatever the process before had', () => {
          const restored = [...looks('fs-a', 'ok', 'standby'), ...unfit.filter(({ nodeId }) => nodeId === 'fs-b')];

          expect(goesOn(stuck({}), { observations: restored })).toMatchObject({
            ...{ cause: 'candidate-died', from: before, to: { nodeId: 'fs-a' } },
          });
        });

        it('leaves that node alone while it holds another VIP', () => {
          const vips = [acknowledged, vipState({ vipId: 'other', holder: again })];

          expect(goesOn(stuck({}, 'recover'), { observations: unfit, vips })).toMatchObject({
            ...{ from: { nodeId: 'fs-a' }, to: { nodeId: 'fs-c' } },
          });
        });
      });

      it('is reinstated once more, and whoever else may serve is looked for once more', () => {
        const from = { nodeId: 'fs-b', coreUuid: 'uuid-before' };

        expect(goesOn(stuck({ kind: 'reinstatement', cause: 'restarted', from }, 'recover'))).toMatchObject({
          ...{ transition: 'reinstatement', cause: 'restarted', from: before, to: again },
        });
      });
    });
  });

  describe('goes nowhere where the target died and no other node is fit', () => {
    const observations = [...looks('fs-b', 'refused', 'silent'), ...looks('fs-c', 'refused', 'silent')];
    const nowhere = { ...snapshot, observations };
    const withDone = (...done: StepName[]): Transition => {
      const steps = { ...journal().steps };
      for (const step of done) steps[step] = { ...steps[step], status: 'done' };
      return { ...journal(), steps };
    };

    it.each<[string, StepName[], string]>([
      ['its steps that are done', ['attach', 'fence', 'lock'], 'main#2 leaves fs-a, done by now: fence, attach, lock'],
      ['none where none is', [], 'main#2 leaves fs-a, done by now: nothing'],
    ])('and a human is told what it has done, and not that nothing was torn down: %s', (_words, done, says) => {
      const decision = decideOne(nowhere, [withDone(...done)]);

      expect(decision).toMatchObject({ incident: { kind: 'no-candidate' } });
      expect(decision.reasons.at(-1)).toBe(says);
      expect(decision.reasons.join('; ')).not.toContain('torn down');
    });

    it('nor when it got stuck and a human acknowledged it', () => {
      const stuck: Transition = { ...withDone('fence'), status: 'stuck', closedAtMs: NOW - 500 };
      const acknowledged = { ...nowhere, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

      expect(decideOne(acknowledged, [stuck]).reasons.at(-1)).toBe('main#2 leaves fs-a, done by now: fence');
    });

    it('which `explain` says, too', () => {
      const [main] = explain(nowhere, [withDone('fence')], NOW).vips;

      expect(main?.decision.does).toBe('no node is fit to go on with its change of holder: on-call is paged');
    });
  });

  it('goes to a node whose clock is behind where no other is fit', () => {
    const late = looks('fs-c', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, clockOffsetMs: -5_000 },
    }));
    const seen = [...looks('fs-b', 'refused', 'silent'), ...late];

    expect(decideOne({ ...snapshot, observations: seen }, [journal()])).toMatchObject({
      kind: 'change',
      cause: 'candidate-died',
      to: { nodeId: 'fs-c' },
    });
  });

  it('leaves a living target alone, whatever its SIP says on the way', () => {
    const alive = [
      ...looks('fs-a', 'refused', 'silent'),
      ...looks('fs-b', 'ok', 'standby'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    expect(decideOne({ ...snapshot, observations: alive }, [journal()])).toMatchObject({ kind: 'none' });
  });

  it('of a reinstatement onto another node is a failover: counted, and blocked like any other', () => {
    const reinstatement: Transition = { ...journal(), kind: 'reinstatement' };
    expect(decideOne(snapshot, [reinstatement])).toMatchObject({ transition: 'failover', startsBlock: true });
    const blocked = { ...snapshot, vips: [{ ...moving, lastAutomaticFailoverAtMs: NOW - 1_000 }] };
    expect(decideOne(blocked, [reinstatement])).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('pages only, where the policy says so of a target whose SIP is stuck while ESL answers', () => {
    const stuck = [
      ...looks('fs-a', 'refused', 'silent'),
      ...looks('fs-b', 'ok', 'silent'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    const paging = { ...topology, policy: { ...policy, sipStuckAction: 'page' as const } };
    expect(decideOne({ ...snapshot, observations: stuck }, [journal()])).toMatchObject({ kind: 'change' });
    const decision = decideOne({ ...snapshot, topology: paging, observations: stuck }, [journal()]);
    expect(decision).toMatchObject({ incident: { kind: 'sip-stuck', nodeId: 'fs-b' } });
  });

  it('has a bound, of which its page tells who lifts it', () => {
    const decision = decideOne(snapshot, [journal(policy.maxRetargets)]);

    expect(decision).toMatchObject({ incident: { kind: 'retargets-exhausted' } });
    expect(decision.reasons.join('; ')).toContain('the next one waits until a human acknowledges main');
  });

  it.each([
    ['goes on once more when a human acknowledged it', 500, 'change'],
    ['does not for an acknowledgement of before its decision', -1, 'incident'],
  ])('at its bound %s', (_words, afterMs, kind) => {
    const last = journal(policy.maxRetargets);
    const vips = [{ ...moving, acknowledgedAtMs: last.decidedAtMs + afterMs }];

    expect(decideOne({ ...snapshot, vips }, [last])).toMatchObject({ kind });
  });

  it('at its bound wants an acknowledgement for each further candidate', () => {
    const last = journal(policy.maxRetargets);
    const vips = [{ ...moving, acknowledgedAtMs: last.decidedAtMs + 500 }];
    const decision = decideOne({ ...snapshot, vips }, [last]);
    if (decision.kind !== 'change') throw new Error('it did not go on');
    const { transition } = decisionWrite(decision, topology, [], NOW, 'test');

    expect(transition.chain).toEqual({ rootEpoch: 2, retargets: policy.maxRetargets + 1 });
    const next = { ...vips[0], epoch: 3, holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } } as typeof moving;
    const died = [...looks('fs-a', 'ok', 'standby'), ...looks('fs-c', 'refused', 'silent')];
    expect(decideOne({ ...snapshot, vips: [next], observations: died }, [transition])).toMatchObject({
      incident: { kind: 'retargets-exhausted' },
    });
  });

  it.each(['done', 'superseded'] as const)(
    'waits for the next look where its journal was %s a moment after its VIP was read',
    (status) => {
      const decision = decideOne(snapshot, [{ ...journal(), status, closedAtMs: NOW }]);

      expect(decision).toMatchObject({ kind: 'none' });
      expect(decision.reasons.join('; ')).toContain(`main#2 ended a moment ago (${status})`);
    },
  );

  it('does nothing without the journal it would replace', () => {
    expect(decideOne(snapshot, [])).toMatchObject({ kind: 'none' });
  });

  it('a stuck transition waits for its acknowledgement, then starts anew', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    expect(decideOne(snapshot, [stuck])).toMatchObject({ kind: 'none' });
    const acknowledged = { ...snapshot, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };
    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      kind: 'change',
      to: { nodeId: 'fs-c' },
      follows: { id: 'main#2', status: 'stuck' },
    });
  });

  it.each([
    ['while it was still tried, after its page: that counts', NOW - 60_000, 'change'],
    ['before it was decided: that was of another one', NOW - 700_000, 'none'],
  ])('a stuck transition that was acknowledged %s', (_words, acknowledgedAtMs, kind) => {
    const stuck: Transition = { ...journal(), status: 'stuck', decidedAtMs: NOW - 601_000, closedAtMs: NOW - 500 };

    expect(decideOne({ ...snapshot, vips: [{ ...moving, acknowledgedAtMs }] }, [stuck])).toMatchObject({ kind });
  });

  it('whose target died leaves that one, and the old holder may take it back that was restored meanwhile', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    const restored = [...looks('fs-a', 'ok', 'standby'), ...looks('fs-b', 'silent', 'silent')];
    const acknowledged = { ...snapshot, observations: restored, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };
    const lockedOut = { ...acknowledged, nodes: [nodeState('fs-a', { lockedBy: 'main#2' }), nodeState('fs-b')] };

    expect(decideOne(lockedOut, [stuck])).toMatchObject({ incident: { kind: 'no-candidate' } });
    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      cause: 'candidate-died',
      from: { nodeId: 'fs-b' },
      to: { nodeId: 'fs-a' },
    });
  });

  it('does not go back to the node that it left, fit as that may be', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    const seen = [
      ...looks('fs-a', 'ok', 'standby'),
      ...looks('fs-b', 'stopping', 'standby'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    const acknowledged = { ...snapshot, observations: seen, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

    expect(decideOne(acknowledged, [stuck])).toMatchObject({ from: { nodeId: 'fs-a' }, to: { nodeId: 'fs-c' } });
  });

  it('that was to be a first assignment starts anew as one: there is no old holder', () => {
    const stuck: Transition = {
      ...journal(),
      ...{ kind: 'assignment', cause: 'first-assignment', from: null, status: 'stuck', closedAtMs: NOW - 500 },
    };
    const seen = [...looks('fs-b', 'stopping', 'standby'), ...looks('fs-c', 'ok', 'standby')];
    const acknowledged = { ...snapshot, observations: seen, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      ...{ transition: 'assignment', cause: 'first-assignment', from: null, to: { nodeId: 'fs-c' } },
    });
  });

  it('stays where it is served already, whatever kept it from coming to its end', () => {
    const stuck: Transition = { ...journal(), status: 'stuck', closedAtMs: NOW - 500 };
    const served = [
      ...looks('fs-a', 'refused', 'silent'),
      ...looks('fs-b', 'ok', 'busy'),
      ...looks('fs-c', 'ok', 'standby'),
    ];
    const acknowledged = { ...snapshot, observations: served, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };

    expect(decideOne(acknowledged, [stuck])).toMatchObject({
      cause: 'operator',
      from: { nodeId: 'fs-a' },
      to: { nodeId: 'fs-b' },
    });
  });

  it.each([
    ['operator-drained', 'operator-drained'],
    ['operator', 'operator'],
    ['conclusive-death', 'operator'],
  ] as const)('one whose cause was %s starts anew as %s: a drained VIP’s old node is never ended', (cause, next) => {
    const stuck: Transition = { ...journal(), cause, status: 'stuck', closedAtMs: NOW - 500 };
    const unfit = [...looks('fs-b', 'stopping', 'standby'), ...looks('fs-c', 'ok', 'standby')];
    const acknowledged = { ...snapshot, observations: unfit, vips: [{ ...moving, acknowledgedAtMs: NOW - 100 }] };
    expect(decideOne(acknowledged, [stuck])).toMatchObject({ kind: 'change', cause: next });
  });
});

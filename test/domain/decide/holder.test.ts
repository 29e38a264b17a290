import { healthy, looks, NOW, policy, vipState } from '../../support/cluster';
import { decideOne, withHolderSeen } from './stage';

describe('a healthy cluster', () => {
  it('is left alone', () => {
    expect(decideOne(healthy())).toMatchObject({ kind: 'none', well: true });
  });

  it('is well by words that are older than one against it may be: they are written every heartbeat', () => {
    const older = looks('fs-a', 'ok', 'ok', { observedAtMs: NOW - policy.freshForMs });
    expect(decideOne(withHolderSeen(older))).toMatchObject({ kind: 'none', well: true });
  });

  it('is well where ESL does not tell the incarnation: nothing says that it is another one', () => {
    const untold = looks('fs-a', 'ok', 'ok').map((each) => ({ ...each, esl: { ...each.esl, coreUuid: null } }));
    expect(decideOne(withHolderSeen(untold))).toMatchObject({ kind: 'none', well: true });
  });

  it('learns the incarnation of a holder that was assigned before it was seen', () => {
    const snapshot = healthy({ vips: [vipState({ holder: { nodeId: 'fs-a', coreUuid: null } })] });
    expect(decideOne(snapshot)).toMatchObject({ kind: 'learn-uuid', coreUuid: 'uuid-fs-a', epoch: 1 });
  });
});

describe('a holder that is alive but not serving', () => {
  it('is reinstated when it runs a new process', () => {
    const seen = looks('fs-a', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-new' },
    }));
    expect(decideOne(withHolderSeen(seen))).toMatchObject({
      kind: 'change',
      transition: 'reinstatement',
      cause: 'restarted',
      to: { nodeId: 'fs-a', coreUuid: 'uuid-new' },
      startsBlock: false,
    });
  });

  it('is promoted again when its profile fell into standby', () => {
    expect(decideOne(withHolderSeen(looks('fs-a', 'ok', 'standby')))).toMatchObject({
      kind: 'change',
      transition: 'reinstatement',
      cause: 'holder-in-standby',
    });
  });

  it('is given time after its promotion: standby looks from before do not count', () => {
    const snapshot = withHolderSeen(looks('fs-a', 'ok', 'standby'), { vips: [vipState({ changedAtMs: NOW - 1_500 })] });
    expect(decideOne(snapshot)).toMatchObject({ kind: 'none' });
  });
});

import type { Change } from '../../../lib/domain/decision';
import type { ClusterSnapshot, Observation, Transition } from '../../../lib/domain/model';
import { decisionWrite } from '../../../lib/domain/transition';
import { healthy, looks, NOW, topologyOf, vipState } from '../../support/cluster';
import { decideOne } from './stage';

describe('a stuck reinstatement that a human acknowledged', () => {
  const topology = topologyOf(2);
  const vip = vipState({ epoch: 2, status: 'moving', changedAtMs: NOW - 900_000, acknowledgedAtMs: NOW - 100 });
  const standbyOnly = looks('fs-b', 'ok', 'standby');

  function stuck(oldCoreUuid: string | null): Transition {
    const reinstatement: Change = {
      kind: 'change',
      vipId: 'main',
      transition: 'reinstatement',
      cause: 'restarted',
      from: { nodeId: 'fs-a', coreUuid: oldCoreUuid },
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      expectedEpoch: 1,
      detectedAtMs: NOW - 900_000,
      startsBlock: false,
      follows: null,
      reasons: [],
    };
    const { transition } = decisionWrite(reinstatement, topology, [], NOW - 900_000, 'test');
    return { ...transition, status: 'stuck', closedAtMs: NOW - 300_000 };
  }
  const acknowledged = (seen: Observation[], other = standbyOnly): ClusterSnapshot =>
    healthy({ topology, vips: [vip], observations: [...seen, ...other] });

  it.each([
    ['serves again', 'ok', 'ok'],
    ['is in standby again', 'ok', 'standby'],
    ['serves and is full', 'ok', 'busy'],
  ] as const)('stays on its node when that %s, also where a standby is fit', (_, esl, sip) => {
    const decision = decideOne(acknowledged(looks('fs-a', esl, sip)), [stuck('uuid-before')]);

    expect(decision).toMatchObject({
      transition: 'reinstatement',
      cause: 'restarted',
      to: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
      startsBlock: false,
    });
  });

  it('comes back to its node where no other one is left', () => {
    const seen = acknowledged(looks('fs-a', 'ok', 'standby'), looks('fs-b', 'refused', 'silent'));

    expect(decideOne(seen, [stuck('uuid-before')])).toMatchObject({ kind: 'change', to: { nodeId: 'fs-a' } });
  });

  it('takes no calls from a process that has them still', () => {
    for (const old of ['uuid-fs-a', null]) {
      const decision = decideOne(acknowledged(looks('fs-a', 'ok', 'standby')), [stuck(old)]);

      expect(decision).toMatchObject({ transition: 'reinstatement', cause: 'holder-in-standby' });
    }
  });

  it('goes to another node, as a failover, when its own is not fit', () => {
    const decision = decideOne(acknowledged(looks('fs-a', 'refused', 'silent')), [stuck('uuid-before')]);

    expect(decision).toMatchObject({ transition: 'failover', startsBlock: true, to: { nodeId: 'fs-b' } });
  });
});

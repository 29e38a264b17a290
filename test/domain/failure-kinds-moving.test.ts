/** The judgement of a VIP on its way goes no further than what is found of the node that it moves to justifies. */
import fc from 'fast-check';
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { ClusterSnapshot, Transition } from '../../lib/domain/model';
import { withOldHolders } from '../../lib/domain/planned-move';
import { whyUnpromotable } from '../../lib/domain/unpromotable';
import { NOW } from '../support/cluster';
import { isFound, isJustified } from '../support/justified';
import { anyMoving } from './any-cluster';

const mainOf = ({ vips }: ClusterSnapshot) => {
  const main = vips.find(({ vipId }) => vipId === 'main');
  if (main === undefined) throw new Error('no VIP');
  return main;
};

/** Which rule may change the course of `main`. */
type Rule = 'retargeting' | 'acknowledged' | 'old-holder' | 'waits';

function ruleFor(snapshot: ClusterSnapshot, journal: Transition): Rule {
  if (journal.status === 'open') return 'retargeting';
  if (mainOf(snapshot).acknowledgedAtMs !== null) return 'acknowledged';
  return mainOf(withOldHolders(snapshot, [journal])).status === 'held' ? 'old-holder' : 'waits';
}

/** A node that a VIP moves to is left for another one where it is dead, restarted, or alive and not to be promoted. */
const mayBeLeft = (snapshot: ClusterSnapshot, decision: Decision): boolean =>
  isFound(snapshot, decision, 'restart-in-place') || isUnpromotable(snapshot);

const isUnpromotable = (snapshot: ClusterSnapshot): boolean =>
  whyUnpromotable(snapshot, mainOf(snapshot), 'fs-b', NOW) !== null;

function isAllowed(snapshot: ClusterSnapshot, journal: Transition, decision: Decision): boolean {
  const served = withOldHolders(snapshot, [journal]);
  if (decision.vipId !== 'main') return isJustified(served, decision);
  const rule = ruleFor(snapshot, journal);
  switch (rule) {
    case 'retargeting':
      return decision.kind === 'change'
        ? mayBeLeft(snapshot, decision)
        : isJustified(snapshot, decision) || isUnpromotable(snapshot);
    case 'old-holder':
      return isJustified(served, decision);
    case 'waits':
      return decision.kind === 'none';
    case 'acknowledged':
      return true;
  }
}

describe('the judgement never goes further than its kind of failure justifies', () => {
  it('for any cluster with a VIP on its way', () => {
    const drawn = { retargets: 0, unpromotable: 0, oldHolders: 0, others: 0, waiting: 0 };
    fc.assert(
      fc.property(anyMoving, ({ snapshot, journal }) => {
        const rule = ruleFor(snapshot, journal);
        for (const decision of decide(snapshot, [journal], NOW)) {
          if (!snapshot.vips.some((vip) => vip.vipId === decision.vipId)) continue;
          const isOfMain = decision.vipId === 'main';
          const isChange = decision.kind === 'change';
          if (isChange && isOfMain && rule === 'retargeting') {
            if (isFound(snapshot, decision, 'restart-in-place')) drawn.retargets += 1;
            else drawn.unpromotable += 1;
          }
          if (isChange && isOfMain && rule === 'old-holder') drawn.oldHolders += 1;
          if (isChange && !isOfMain) drawn.others += 1;
          if (isOfMain && rule === 'waits' && mayBeLeft(snapshot, decision)) drawn.waiting += 1;
          expect([decision, isAllowed(snapshot, journal, decision)]).toEqual([decision, true]);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(...Object.values(drawn))).toBeGreaterThan(20);
  });
});

/** Whether a decision goes no further than what is found of a VIP justifies. */
import type { Decision } from '../../lib/domain/decision';
import { justifiesAtLeast, type Classification } from '../../lib/domain/failure-kinds';
import type { ClusterSnapshot } from '../../lib/domain/model';
import { classified } from './classified';

/** What was found of the VIP itself, and of those that it moves together with: its group, or all of its process. */
function foundOf(snapshot: ClusterSnapshot, decision: Decision): Classification[] {
  const { vipId } = decision;
  const isProcessEnded = decision.kind === 'change' && decision.cause === 'sip-stuck';
  const vip = snapshot.topology.vips.find((each) => each.id === vipId);
  const holder = snapshot.vips.find((each) => each.vipId === vipId)?.holder?.nodeId;
  const together = snapshot.topology.vips.filter((each) => {
    const beside = snapshot.vips.find((state) => state.vipId === each.id)?.holder?.nodeId === holder;
    const isOfGroup = vip?.group !== null && each.group === vip?.group;
    return each.id === vipId || (beside && (isOfGroup || isProcessEnded));
  });
  return together.map((each) => classified(snapshot, each.id));
}

/** Whether at least so much is found to be justified. */
export const isFound = (snapshot: ClusterSnapshot, decision: Decision, least: Classification['justifies']): boolean =>
  foundOf(snapshot, decision).some(({ justifies }) => justifiesAtLeast(justifies, least));

export function isJustified(snapshot: ClusterSnapshot, decision: Decision): boolean {
  if (decision.kind === 'incident') return isFound(snapshot, decision, 'page');
  if (decision.kind !== 'change') return true;
  return isFound(snapshot, decision, decision.transition === 'reinstatement' ? 'restart-in-place' : 'fail-over');
}

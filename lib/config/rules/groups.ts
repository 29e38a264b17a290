/**
 * VIPs whose calls bridge into each other come back silent when they are recovered on two nodes, or seconds apart
 * (FACTS 8.2). So a group moves as one, and must be able to.
 */
import { present, type ClusterDraft, type Path } from '../draft';
import { effectivePolicy } from '../effective-policy';
import { refuse, type ClusterRule, type Finding } from '../finding';

interface Member {
  vip: string;
  path: Path;
  candidates: readonly string[];
  manualOnly: readonly string[];
}

export const groupsMoveTogether: ClusterRule = function* (cluster, at) {
  const { maxVipsPerNode } = effectivePolicy(cluster.policy);
  for (const [group, members] of groupsOf(cluster, at)) {
    yield* agree(group, members);
    if (members.length <= maxVipsPerNode) continue;
    yield refuse(
      members.at(-1)?.path ?? at,
      `group ${group} has ${members.length} VIPs, which move together to one node, and policy.maxVipsPerNode is ` +
        `${maxVipsPerNode}: raise it to ${members.length} if a node can carry them, or make the group smaller`,
    );
  }
};

function groupsOf(cluster: ClusterDraft, at: Path): Map<string, Member[]> {
  const groups = new Map<string, Member[]>();
  for (const [vip, index] of present(cluster.vips)) {
    if (vip.group === undefined) continue;
    const candidates = vip.candidates?.flatMap((id) => id ?? []) ?? [];
    const manualOnly = vip.manualOnly?.flatMap((id) => id ?? []) ?? [];
    const member = { vip: vip.id ?? '', path: [...at, 'vips', index, 'group'], candidates, manualOnly };
    groups.set(vip.group, [...(groups.get(vip.group) ?? []), member]);
  }
  return groups;
}

/** The same nodes, whatever their order, and the same one at the beginning: apart from the start is not together. */
function* agree(group: string, [first, ...others]: readonly Member[]): Generator<Finding> {
  if (first === undefined) return;
  const named = (ids: readonly string[]): string => [...new Set(ids)].sort().join(', ');
  const asSet = (member: Member): string => named(member.candidates);
  for (const other of others) {
    if (asSet(other) !== asSet(first)) {
      yield refuse(
        other.path,
        `VIPs of group ${group} need the same candidates, because they move together: ${first.vip} has ` +
          `${asSet(first)}, and ${other.vip} ${asSet(other)}. Write the same nodes at both, or leave one out of the group`,
      );
    } else if (other.candidates[0] !== first.candidates[0]) {
      yield refuse(
        other.path,
        `VIPs of group ${group} must begin on one node: ${first.vip} begins on ${first.candidates[0] ?? ''}, so write ` +
          `that one first in candidates of ${other.vip}, too`,
      );
    } else if (named(other.manualOnly) !== named(first.manualOnly)) {
      yield refuse(
        other.path,
        `VIPs of group ${group} need the same manualOnly, because they move together: ${first.vip} has ` +
          `[${named(first.manualOnly)}], and ${other.vip} [${named(other.manualOnly)}]`,
      );
    }
  }
}

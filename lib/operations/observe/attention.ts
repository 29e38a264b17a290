/** Which VIPs someone must judge now, by this observer's own eyes. Pure; it decides nothing but whether to ask. */
import { assertNever, type InstanceEvidence, type Observation, type VipState } from '../../domain/model';
import { EVIDENCE_OUTLIVED_MS, instanceNotRunning } from '../../domain/voters';
import { isEslWell } from './observation';

/**
 * Ids of the VIPs without a holder, or whose holder is not plainly well. EC2's word that it goes down counts only for a
 * minute, in which the minute schedule may not see it. A full or paused node serves its calls, and
 * may do so for hours: not worth a judgement per look, the minute schedule sees it too.
 */
export function vipsNeedingAttention(
  vips: readonly VipState[],
  observations: ReadonlyMap<string, Observation>,
  instances: readonly InstanceEvidence[],
): string[] {
  return vips.filter((vip) => needsAttention(vip, observations, instances)).map((vip) => vip.vipId);
}

function needsAttention(
  vip: VipState,
  observations: ReadonlyMap<string, Observation>,
  instances: readonly InstanceEvidence[],
): boolean {
  if (vip.status === 'unassigned' || vip.holder === null) return true;
  const seen = observations.get(vip.holder.nodeId);
  // Not looked at (yet, or its probe failed by itself): nothing to tell.
  if (seen === undefined) return false;
  const goesDown = instanceNotRunning(instances, vip.holder.nodeId, seen.observedAtMs - EVIDENCE_OUTLIVED_MS) !== null;
  // Where it holds the VIP it serves its calls; where it was to take it, it never does.
  const unpromotable = vip.status === 'moving' && seen.esl.verdict === 'paused';
  const restarted = seen.esl.coreUuid !== null && seen.esl.coreUuid !== vip.holder.coreUuid;
  return (
    goesDown || unpromotable || restarted || !isEslWell(seen.esl.verdict) || !sipIsWell(seen.sip[vip.vipId]?.verdict)
  );
}

function sipIsWell(verdict: Observation['sip'][string]['verdict'] | undefined): boolean {
  switch (verdict) {
    case 'ok':
    case 'busy':
      return true;
    case 'standby':
    case 'refused':
    case 'silent':
    case 'malformed':
    case undefined:
      return false;
    default:
      return assertNever(verdict);
  }
}

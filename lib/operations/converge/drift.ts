/**
 * A healthy cluster whose address or name points elsewhere is an outage that no probe of a node sees: somebody moved
 * it by hand, or a stale actor won late (DESIGN invariant 4). Looked for each minute, put back, and written down.
 */
import { describeError } from '../../domain/errors';
import { isPaused } from '../../domain/maintenance';
import type { ClusterSnapshot, VipState } from '../../domain/model';
import { judgeHolder } from '../../domain/votes';
import { DEFAULT_TIMING, type ConvergeDeps, type StepContext } from './context';
import { contextOf } from './converge';
import { nameElsewhere } from './dns';
import { verifyTarget } from './promote';

/** Verification puts one thing right a look; address, name and promotion may all be wrong. */
const REPAIRS = 4;

/** Never throws: what could not be looked at or put back now is looked at in a minute. */
export async function repairDrift(deps: ConvergeDeps, snapshot: ClusterSnapshot): Promise<void> {
  const nowMs = deps.clock.wallMs();
  if (isPaused(snapshot.control, nowMs)) return;
  const pausedNodes = snapshot.nodes.filter((node) => isPaused(node, nowMs)).map((node) => node.nodeId);
  const held = snapshot.vips.filter(
    (vip) => vip.status === 'held' && !isPaused(vip, nowMs) && !pausedNodes.includes(vip.holder?.nodeId ?? ''),
  );
  await Promise.all(
    held.map(async (vip) => {
      try {
        await repairOne(deps, snapshot, vip);
      } catch (error) {
        deps.metrics.count('ConvergenceErrors', 1, { step: 'drift' });
        deps.log.warn(`${vip.vipId} could not be checked for drift`, { error: describeError(error) });
      }
    }),
  );
}

async function repairOne(deps: ConvergeDeps, snapshot: ClusterSnapshot, vip: VipState): Promise<void> {
  const journal = await deps.store.readTransition(vip.vipId, vip.epoch);
  if (journal?.status !== 'done') return;
  const context = await contextOf(deps, snapshot.topology, journal, { records: journal.steps }, DEFAULT_TIMING);
  const drift = await findDrift(context);
  if (drift === null) return;

  const nowMs = deps.clock.wallMs();
  if (isFoundDead(snapshot, vip, nowMs)) {
    deps.log.warn(`${vip.vipId} drifted and stays so: a majority finds its holder dead`, { drift });
    return;
  }
  const owner = deps.random.id();
  const lease = await deps.store.takeTransitionLease(journal.id, owner, nowMs, nowMs + 4 * DEFAULT_TIMING.leaseMs);
  if (lease === null) return;
  deps.log.warn(`${vip.vipId} drifted`, { drift });
  deps.metrics.count('DriftFound', 1);
  let words = '';
  for (let look = 0; look < REPAIRS; look += 1) {
    const result = await verifyTarget(context);
    words = result.done ? `put back: ${result.proof}` : result.why;
    if (result.done) break;
  }
  await deps.store.audit({
    atMs: nowMs,
    actor: 'schedule',
    action: 'drift',
    subject: journal.id,
    detail: `${drift}; ${words}`,
  });
  await deps.store.releaseTransitionLease(journal.id, owner);
}

/** While its failover waits (for a human, a standby): callers whom somebody led elsewhere are not led back to nobody. */
function isFoundDead({ topology, observations }: ClusterSnapshot, vip: VipState, nowMs: number): boolean {
  if (vip.holder === null) return false;
  const verdict = judgeHolder(topology, observations, vip, vip.holder, nowMs);
  // A SIP stack that only seems stuck takes calls while its database hangs (FACTS 8.6).
  return (verdict.kind === 'against' || verdict.kind === 'held-back') && verdict.cause !== 'sip-stuck';
}

/** What points elsewhere, in words; null when all is as recorded. */
async function findDrift(context: StepContext): Promise<string | null> {
  const { vip, deps, targetAddress } = context;
  const [address, elsewhere] = await Promise.all([
    vip.elasticIp === null ? null : deps.elasticIps.read(vip.elasticIp.allocationId),
    nameElsewhere(context),
  ]);
  if (vip.elasticIp !== null && address?.association?.privateAddress !== targetAddress) {
    return `${vip.elasticIp.publicIp} reads ${address?.association?.privateAddress ?? 'free'}, not ${targetAddress}`;
  }
  return elsewhere === null ? null : `${elsewhere}, not ${targetAddress}`;
}

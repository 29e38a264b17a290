/** What several scenarios do: make a holder fail, wait for the new one, and look what became of the calls. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transition } from '../../../lib/domain/model';
import { survival } from '../calls';
import type { Lab } from '../lab';
import type { Findings } from '../result';

/** Milliseconds from the fault on. */
export interface FailoverTimes {
  faultAtMs: number;
  transition: Transition;
}

/** Runs `fault`, which ends the holder's service, and waits until Understudy has moved the VIP and counted its calls. */
export async function failOver(lab: Lab, vipId: string, fault: () => void | Promise<void>): Promise<FailoverTimes> {
  const epoch = await lab.epochOf(vipId);
  const faultAtMs = Date.now();
  await fault();
  return { faultAtMs, transition: await lab.untilMoved(vipId, epoch) };
}

export function noteTimes(findings: Findings, { faultAtMs, transition }: FailoverTimes, prefix = ''): void {
  const { steps, detectedAtMs, decidedAtMs } = transition;
  const after = (name: string, atMs: number | null): void => {
    if (atMs !== null) findings.figure(`${prefix}${name}`, atMs - faultAtMs);
  };
  after('detectedMs', detectedAtMs);
  after('decidedMs', decidedAtMs);
  after('attachedMs', steps.attach.finishedAtMs);
  after('lockedMs', steps.lock.finishedAtMs);
  after('recoveredMs', steps.recover.finishedAtMs);
  after('promotedMs', steps.promote.finishedAtMs);
  after('servedMs', steps.verify.finishedAtMs);
  if (steps.recover.attempts > 1) findings.figure(`${prefix}recoverAttempts`, steps.recover.attempts);
}

export interface Limits {
  calls: number;
  /** null: no limit. */
  longestGapMs: number | null;
}

/** The parties' own count of what lives, and the control plane's. */
export async function checkSurvival(
  lab: Lab,
  vipId: string,
  findings: Findings,
  { calls, longestGapMs }: Limits,
  transition: Transition,
  prefix = '',
): Promise<void> {
  const seen = await survival(lab, vipId);
  findings.equal(`${prefix}calls that live, by the parties`, seen.alive, calls);
  findings.equal(`${prefix}refused by strict parties`, seen.violations.length, 0);
  findings.figure(`${prefix}longestGapMs`, seen.longestGapMs);
  findings.figure(`${prefix}medianGapMs`, seen.medianGapMs);
  if (longestGapMs !== null) {
    findings.check(
      `${prefix}longest audio gap below ${longestGapMs} ms`,
      seen.longestGapMs < longestGapMs,
      seen.longestGapMs,
    );
  }
  const ledger = transition.calls;
  findings.equal(`${prefix}ledger: before`, ledger?.before ?? -1, calls);
  findings.equal(`${prefix}ledger: alive after 5 s`, ledger?.aliveAfter5s ?? -1, calls);
  for (const fate of [...seen.lost.slice(0, 5), ...seen.violations.slice(0, 5)]) lab.ground.say(`       ${fate}`);
}

/** Rows are rewritten behind the answer: the next fault must not come before. */
export async function untilTracked(lab: Lab, vipId: string, calls: number): Promise<void> {
  for (let looks = 0; looks < 100; looks += 1) {
    const { vips } = await lab.store.readCluster();
    const uuid = vips.find((vip) => vip.vipId === vipId)?.holder?.coreUuid ?? null;
    if ((await lab.legsOf(vipId, uuid)) === 2 * calls) return;
    await sleep(100);
  }
}

/** Did what should have happened really happen? Pure: facts in, findings out; the exit code of the demo hangs on it. */
import { STEP_NAMES, assertNever, type StepName } from '../../lib/domain/model';
import { LATER_STEPS } from '../../lib/domain/transition';
import type { Facts } from './facts';

export interface Finding {
  /** What should be so, in words. */
  expected: string;
  holds: boolean;
  /** What was found instead; empty when it holds. */
  found: string;
}

export interface Judgement {
  /** All findings hold. */
  asExpected: boolean;
  /** Another node than the failed one serves the callers. */
  recovered: boolean;
  findings: Finding[];
}

/** Steps that a finished failover must have behind it; the later ones may belong to the minute schedule. */
const DECISIVE_STEPS: readonly StepName[] = STEP_NAMES.filter(
  (step) => step === 'dns' || step === 'lock' || !LATER_STEPS.includes(step),
);

/** Holds what was found against what the fault should have led to, with what was found out before it. */
export function judge(facts: Facts, before: readonly Finding[] = []): Judgement {
  const findings = [...before, ...expectations(facts)];
  return { asExpected: findings.every((finding) => finding.holds), recovered: hasRecovered(facts), findings };
}

function hasRecovered(facts: Facts): boolean {
  const { holder, caller } = facts;
  return holder.after !== null && holder.after !== holder.before && caller.servedByAfter === holder.after;
}

function expectations(facts: Facts): Finding[] {
  switch (facts.fault) {
    case 'kill':
    case 'freeze':
    case 'sip':
    case 'zone':
      return failover(facts);
    case 'no-standby':
      return nothingTornDown(facts);
    default:
      return assertNever(facts.fault);
  }
}

function failover(facts: Facts): Finding[] {
  const { holder, epoch, transitions, caller } = facts;
  const target = holder.after ?? 'nobody';
  const last = transitions.at(-1);
  return [
    finding('another node holds the VIP', holder.after !== null && holder.after !== holder.before, `holder ${target}`),
    finding('the epoch rose by one', epoch.after === epoch.before + 1, `${epoch.before} -> ${epoch.after}`),
    finding('exactly one transition was decided', transitions.length === 1, `${transitions.length} journals`),
    finding('its journal is closed as done', last?.status === 'done', last?.status ?? 'no journal'),
    ...DECISIVE_STEPS.map((step) => stepDone(facts, step)),
    finding(
      'EC2 has the Elastic IP on the new holder',
      facts.addressOn.after === holder.after,
      `it is on ${facts.addressOn.after ?? 'nobody'}`,
    ),
    ...(facts.hasPrivateName
      ? [
          finding(
            'the private name leads to the new holder',
            facts.nameLeadsTo.after === holder.after,
            `it leads to ${facts.nameLeadsTo.after ?? 'nobody'}`,
          ),
        ]
      : []),
    finding(
      'callers are served',
      caller.servedNow && caller.outageMs !== null,
      'the last questions had no good answer',
    ),
    ...(facts.calls.recoverable ? callsKept(facts) : callsLost(facts)),
    finding('by the new holder', caller.servedByAfter === holder.after, `by ${caller.servedByAfter ?? 'nobody'}`),
    paged(facts),
  ];
}

function stepDone(facts: Facts, step: StepName): Finding {
  const record = facts.transitions.at(-1)?.steps[step];
  const mayBeSkipped = (step === 'dns' && !facts.hasPrivateName) || step === 'lock' || step === 'recover';
  // Where calls were up that could have been kept, a recovery that was skipped is no recovery.
  const noneToKeep = facts.calls.placed === 0 || !facts.calls.recoverable;
  const skippedByRight = mayBeSkipped && record?.status === 'skipped' && noneToKeep;
  const proven = record?.status === 'done' && record.proof !== null;
  const found = record === undefined ? 'no journal' : `${record.status}, ${record.error ?? 'without a proof'}`;
  return finding(`step ${step} is done, with its proof`, proven || skippedByRight, found);
}

/** The ledger's word, and that of the process that has the calls now. */
function callsKept({ calls }: Facts): Finding[] {
  if (calls.placed === 0) return [];
  const { ledger, placed, sessionsNow } = calls;
  const alive = ledger?.aliveAfter30s ?? null;
  return [
    finding(`the ledger counted ${placed} calls before`, ledger?.before === placed, `${ledger?.before ?? 'none'}`),
    finding(
      `all ${placed} calls live 30 s later, says the ledger`,
      alive === placed,
      alive === null ? 'not counted yet' : `${alive} live`,
    ),
    finding(
      `the new holder itself has their ${2 * placed} legs`,
      sessionsNow === 2 * placed,
      `${sessionsNow ?? 'unknown'} sessions`,
    ),
  ];
}

/** Why nothing recovers the calls, as the journal has it; null where something does. */
export function whyNotRecovered({ transitions }: Facts): string | null {
  const record = transitions.at(-1)?.steps.recover;
  return record?.status === 'skipped' ? record.proof : null;
}

/** Without a database calls end with their node; the journal and the engineer are told so. */
function callsLost(facts: Facts): Finding[] {
  const { placed, sessionsNow } = facts.calls;
  if (placed === 0) return [];
  const why = whyNotRecovered(facts);
  const told = why !== null && facts.notifications.some(({ kind, body }) => kind === 'page' && body.includes(why));
  return [
    finding(`the journal says why ${placed} calls were not recovered`, why !== null, 'nothing'),
    finding('the page says it too', told, 'not a word'),
    finding('the new holder has none of them', sessionsNow === 0, `${sessionsNow ?? 'unknown'} sessions`),
  ];
}

function nothingTornDown(facts: Facts): Finding[] {
  const { holder, epoch, transitions, addressOn } = facts;
  return [
    finding('no transition was decided', transitions.length === 0, `${transitions.length} journals`),
    finding('the epoch stands', epoch.after === epoch.before, `${epoch.before} -> ${epoch.after}`),
    finding('the holder stands', holder.after === holder.before, `holder ${holder.after ?? 'nobody'}`),
    finding(
      'the Elastic IP is where it was',
      addressOn.after !== null && addressOn.after === addressOn.before,
      `it is on ${addressOn.after ?? 'nobody'}`,
    ),
    finding(
      'the private name is what it was',
      facts.nameLeadsTo.after === facts.nameLeadsTo.before,
      `it leads to ${facts.nameLeadsTo.after ?? 'nobody'}`,
    ),
    paged(facts),
  ];
}

/**
 * The pages about the VIP. Alarms come beside them and do not count, nor does the page of a zone that failed, which names
 * the VIPs that were in it.
 */
export function pagesAboutVip({
  notifications,
  vipId,
}: Pick<Facts, 'notifications' | 'vipId'>): Facts['notifications'] {
  return notifications.filter(({ kind, subject }) => kind === 'page' && subject.split(/[\s:]+/).includes(vipId));
}

/** A human was told, once. */
function paged(facts: Facts): Finding {
  const pages = pagesAboutVip(facts);
  return finding('one page about the VIP went out', pages.length === 1, `${pages.length} pages`);
}

function finding(expected: string, holds: boolean, found: string): Finding {
  return { expected, holds, found: holds ? '' : found };
}

/** The words of a page: what the on-call engineer needs at 3 a.m., in the order in which it is needed. Pure. */
import { NOTHING_TORN_DOWN } from '../../domain/decision';
import type { CallsLedger, Incident, LossReason, StoredIncident, Transition } from '../../domain/model';
import type { PageMessage } from '../../domain/ports';
import { standbysInWords, type Standbys } from '../../domain/standbys';
import type { NameBehind } from './dns';

/** The operator's command as it is typed in a checkout of this repository (package.json, "scripts"). */
const COMMAND = 'npm run understudy --';

/** SNS refuses longer subjects; phones cut them sooner. */
const SUBJECT_MAX = 100;

export interface TransitionFacts {
  cluster: string;
  transition: Transition;
  /** Whether callers are served, as read back: by the public address, or without one by the name. null: nobody knows. */
  served: boolean | null;
  /** A private name that could not be written yet, the node that it leads to, and the address that serves meanwhile. */
  nameBehind: (NameBehind & { callInstead: string }) | null;
  /** Nodes that could take the VIP next; null when it could not be read. */
  standbys: Standbys | null;
  /** Earlier changes of holder whose page could not be sent, the newest first. */
  untold: readonly Transition[];
  /** The policy starts a failed node again once it is stopped. */
  startsFailedNodes: boolean;
  runbookUrl: string;
  table: string;
  nowMs: number;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function servedText(served: boolean | null): string {
  if (served === null) return 'NOT KNOWN YET';
  return served ? 'YES' : 'NO';
}

/** What the word alone would hide: those who call the name are not served. */
function butByName({ served, nameBehind }: TransitionFacts): string {
  return served === true && nameBehind !== null ? `, by ${nameBehind.callInstead} and not by name` : '';
}

function nameText({ name, nodeId, callInstead }: NonNullable<TransitionFacts['nameBehind']>): string {
  const leads = nodeId === null ? 'leads where it did before' : `still leads to ${nodeId}`;
  return (
    `Private name:     ${name} ${leads}: who calls it is NOT served. It is written by itself as soon as that can be ` +
    `done (step dns says what hinders it); until then let them call ${callInstead}`
  );
}

const LOSS_TEXT: Record<LossReason, string> = {
  'no-row': 'session(s) without a row: not answered yet, or answered in the last instants',
  'connection-oriented': 'over TCP, TLS or WebSocket',
  'not-rebuilt': 'not rebuilt (the peer refused, was gone, or did not answer)',
  ended: 'came back and were hung up',
  'database-unreachable': 'because the database could not be reached',
  'given-up': 'because the recovery could not be begun in time',
  unfenced: 'of an incarnation that nobody fenced (moved aside)',
};

/** A rebuilt leg whose peer does not answer has its row for 32 s more: until then nothing is called kept. */
function keptText({ before, aliveAfter5s, aliveAfter30s, confirmed, beingWritten, givenUp }: CallsLedger): string {
  if (confirmed !== null) return `${confirmed} of ${before} kept, confirmed by their peers`;
  const alive = aliveAfter30s ?? aliveAfter5s;
  if (alive === null && givenUp !== undefined) {
    return `NOT KNOWN how many of ${before} live: their recovery was given up, and \`calls\` tells once the node can be asked`;
  }
  if (alive === null) return 'recovery under way';
  const late = beingWritten === 0 ? '' : ` (up to ${beingWritten} more, by sessions whose rows may still be written)`;
  return `${alive} of ${before} rebuilt${late}, not yet confirmed by their peers`;
}

function callsText(transition: Transition): string {
  const { calls, steps, sessionsBefore } = transition;
  if (calls !== null) {
    const givenUp = calls.recoveredAtMs === null;
    if (givenUp && calls.before === 0 && sessionsBefore !== 0) return 'NONE KEPT, and how many were up is not known';
    const lost = calls.lost.map(({ reason, count }) => `${count} lost: ${LOSS_TEXT[reason]}`);
    return [givenUp ? `0 of ${calls.before} kept` : keptText(calls), ...lost].join('; ');
  }
  // The sessions that were seen are of the whole node, which keeps them.
  if (transition.cause === 'operator-drained') return 'the VIP was drained: no call moves with it';
  if (steps.recover.status !== 'skipped') return steps.recover.error ?? steps.recover.proof ?? 'recovery under way';
  const why = steps.recover.proof ?? 'established calls are not recovered';
  if (transition.from === null || sessionsBefore === 0) return `none were up (${why})`;
  return sessionsBefore === null ? why : `${sessionsBefore} session(s) were up; ${why}`;
}

function nextCommand(facts: TransitionFacts): string {
  const { transition } = facts;
  const subject = `--table ${facts.table} --vip ${transition.vipId}`;
  if (facts.served !== true) return `${COMMAND} status ${subject}`;
  if (hasNoStandby(facts)) {
    const then = isBeingBroughtBack(facts)
      ? 'until its standby is back; then acknowledge'
      : 'then bring a standby back';
    return `${COMMAND} status ${subject}   (${then})`;
  }
  if (transition.kind !== 'failover') return `${COMMAND} status ${subject}`;
  return `${COMMAND} acknowledge ${subject}   (before that, or the end of the block period, no second one comes by itself)`;
}

function hasNoStandby({ standbys }: TransitionFacts): boolean {
  return standbys?.byItself.length === 0;
}

/** By the control plane: nobody has to start it. */
function isBeingBroughtBack({ startsFailedNodes, transition }: TransitionFacts): boolean {
  return startsFailedNodes && transition.steps.restore.status === 'pending';
}

function standbyText(facts: TransitionFacts): string {
  const { standbys, transition } = facts;
  if (standbys === null) return 'not known';
  const words = standbysInWords(standbys);
  if (!hasNoStandby(facts) || !isBeingBroughtBack(facts)) return words;
  return `${words}; ${transition.from?.nodeId ?? 'the old node'} is brought back by itself, in minutes`;
}

function untoldText({ id, kind, from, to, decidedAtMs }: Transition): string {
  const when = new Date(decidedAtMs).toISOString();
  return `Before it:        ${id}, ${kind} ${from?.nodeId ?? 'nobody'} -> ${to.nodeId}, decided ${when}: its page could not be sent`;
}

export function transitionPage(facts: TransitionFacts): PageMessage {
  const { transition, cluster } = facts;
  const from = transition.from?.nodeId ?? 'nobody';
  const served = servedText(facts.served);
  // The page itself, and what comes after it, are always open at this moment: they tell the reader nothing.
  const later = ['notify', 'ledger', 'stop', 'restore'];
  const told = Object.entries(transition.steps).filter(([name]) => !later.includes(name));
  const steps = told.map(([name, record]) => {
    const took = record.finishedAtMs === null ? '' : ` at +${seconds(record.finishedAtMs - transition.detectedAtMs)}`;
    const detail = record.error ?? record.proof ?? '';
    return `  ${name.padEnd(8)} ${record.status}${took}${detail === '' ? '' : `: ${detail}`}`;
  });
  return {
    subject:
      `${cluster} ${transition.kind} ${transition.vipId}: ${from} -> ${transition.to.nodeId}, served: ${served}${butByName(facts)}`.slice(
        0,
        SUBJECT_MAX,
      ),
    body: [
      `Callers served:   ${served}${butByName(facts)}`,
      ...(facts.nameBehind === null ? [] : [nameText(facts.nameBehind)]),
      `VIP:              ${transition.vipId} (${transition.id}), ${from} -> ${transition.to.nodeId}`,
      `Why:              ${transition.reasons.join('; ')}`,
      `Established calls: ${callsText(transition)}`,
      ...(transition.calls?.notes ?? []).map((note) => `                  ${note}`),
      ...facts.untold.map(untoldText),
      `Standby left:     ${standbyText(facts)}`,
      `Next command:     ${nextCommand(facts)}`,
      `Do NOT:           start ${from}'s FreeSWITCH by hand or type "sofia recover" on any node`,
      '',
      `Detected ${new Date(transition.detectedAtMs).toISOString()}, decided ${seconds(transition.decidedAtMs - transition.detectedAtMs)} later, page sent at +${seconds(facts.nowMs - transition.detectedAtMs)}.`,
      ...steps,
      '',
      `Runbook: ${facts.runbookUrl}#failover-happened`,
    ].join('\n'),
    attributes: {
      kind: transition.kind,
      cluster,
      vip: transition.vipId,
      transition: transition.id,
      served: served.toLowerCase().replaceAll(' ', '-'),
    },
  };
}

/** An operator's command as it is to be typed, with the table; of the incident's own VIP where no other is given. */
type Command = (verb: string, vip?: string) => string;

const INCIDENT_TEXT: Record<Incident['kind'], { what: string; next: (command: Command) => string; never: string }> = {
  'no-candidate': {
    what: 'the holder is dead and no standby is fit: NOTHING WAS TORN DOWN, the first node that becomes fit takes over',
    next: () => 'bring a standby back: start its instance or its FreeSWITCH, and let it boot in standby',
    never: 'move the Elastic IP by hand; the control plane would move it back',
  },
  'no-holder': {
    what: 'NOBODY HOLDS the VIP, long after it was registered or taken over: no node is fit to be its first holder',
    next: () =>
      'mend what is named above: let a node boot in standby, or open the probes of the observers (ESL, SIP) to it',
    never: 'move the Elastic IP while callers reach a node: the first fit node takes the VIP by itself',
  },
  blocked: {
    what: 'the holder is dead again inside the block period: the control plane waits for a human',
    next: (command) =>
      `${command('acknowledge')}   (the same for each VIP named above that blocks it; the failover then happens by itself)`,
    never: 'acknowledge before you know why it failed twice',
  },
  misconfigured: {
    what: 'FreeSWITCH cannot be asked over ESL: it rejects the password or the address of the control plane, or no password could be read. It is watched half blind, no failover',
    next: () => "compare event_socket.conf.xml (password, apply-inbound-acl) with the cluster's ESL secret",
    never: 'restart the node because of this page: its calls are alive',
  },
  'quorum-lost': {
    what: 'less than a majority of the observers has a fresh look: failovers are off until they are back',
    next: () => "look at the observer functions' errors and at the schedule rules",
    never: 'assume that the nodes are down: nobody knows',
  },
  'sip-stuck': {
    what: 'SIP is silent while FreeSWITCH lives, as a slow database makes it: NO FAILOVER (sipStuckAction: page, or other VIPs would end with it)',
    next: () =>
      'look at the database first: up, slow, unreachable? Answering `status` says nothing about SIP: call the VIP',
    never: 'restart FreeSWITCH while the database hangs: it still takes calls then, and a restart ends them',
  },
  'database-trouble': {
    what: 'the DATABASE hangs or is away, and SIP is silent because of it: NO FAILOVER, the next node would ask the same one',
    next: () => 'look at the database: up, slow, storage full, failing over? New calls are taken all the while',
    never: 'restart FreeSWITCH while the database hangs: a restart ends the calls, and it would not come up without it',
  },
  'vip-stuck': {
    what: 'a transition does not come to its end by itself',
    next: (command) =>
      `do the one step named above; it is tried again every minute, dns for as long as it takes, any other for ten minutes, then: ${command('acknowledge')}`,
    never: 'delete the journal or change the epoch in the table',
  },
  'retargets-exhausted': {
    what: 'one candidate after another died during one failover',
    next: (command) =>
      `look for what kills them (a call pattern, a full disk, a bad configuration), keep it away, bring one back, then: ${command('acknowledge')}`,
    never: 'raise maxRetargets first',
  },
  'gray-failure': {
    what: 'signals or observers contradict each other about the holder for long, or its answers get lost again and again: NO FAILOVER, it is neither dead nor well',
    next: () => 'call the VIP, and look from each zone at what is named above: `explain` says who sees what',
    never: 'stop the node because one side calls it dead: its calls may be alive',
  },
  'zone-failure': {
    what: 'a whole ZONE fails: its VIPs move where a standby is fit, as one event',
    next: () => "look at AWS's health dashboard for that zone, and at the standbys that are left: `explain` names them",
    never: 'start anything in that zone by hand until its observer is back',
  },
  overload: {
    what: 'the holder is FULL and answers 503 to new calls, and no other node is fit: established calls go on, no failover',
    next: () =>
      'look where the calls come from; bring a standby back, or raise the capacity (max-sessions, instance type)',
    never: 'restart the holder: it would end the calls it has',
  },
  'holder-withdrawn': {
    what: 'the holder is TAKEN OUT OF SERVICE while it holds the VIP: new calls are refused or soon will be, established ones go on, no failover',
    next: (command) =>
      'if nobody meant it: `fsctl resume` or `fsctl shutdown cancel` on the node; if somebody did, or a failover left ' +
      `it there: \`${command('switchover')}\` (what that keeps is said above; after \`fsctl pause\` it takes \`fsctl resume\` first)`,
    never: 'restart the holder: it would end the calls it has',
  },
  'clock-ahead': {
    what: 'the CLOCK of a holder runs ahead: callers are served, and were it to fail, its calls could not be recovered at once',
    next: () =>
      'mend the time source of the node (`chronyc tracking` on it), then `fsctl sync_clock` in its FreeSWITCH',
    never: 'switch over before the clock is right: peers refuse the calls of a node whose clock is behind',
  },
  'second-server': {
    what: 'a node answers callers of a VIP that ANOTHER node holds: callers reach the holder, and its gateways may be registered twice',
    next: () =>
      'if nobody meant it: `fsctl shutdown now` in the FreeSWITCH of that node; its supervisor starts it again, in standby',
    never: 'do that on the holder: `explain` says which node that is',
  },
  'failover-limit': {
    what: 'as many automatic failovers as the policy allows within its window: the control plane waits for a human',
    // The one that waits had none that counts, or not alone: its own acknowledgement would not let it go.
    next: (command) =>
      `find what they have in common, then, for each VIP that "counted are" names above: ${command('acknowledge', 'THAT-VIP')}`,
    never: 'raise maxFailoversPerWindow before you know what fells the nodes',
  },
  'transition-limit': {
    what: 'callers are NOT served, and the change of holder that would help waits: as many as the policy allows are under way and do not end',
    next: (command) =>
      `end one of those named above: \`${command('resume', 'THAT-VIP')}\` where it is paused, or do the step that ` +
      '`status` shows for it; this one then happens by itself',
    never: 'delete a journal or change the number of transitions in the table',
  },
};

type IncidentText = (typeof INCIDENT_TEXT)[Incident['kind']];

/** `no-candidate` of a VIP on its way: no node can go on with it, and the old holder was given up. */
const ON_ITS_WAY_NOWHERE: IncidentText = {
  what: 'a change of holder HAS BEGUN and no node is fit to go on with it: what it did stands, the first node that becomes fit takes over',
  next: () =>
    'bring the node that it was to go to, or a standby, back: start its instance or its FreeSWITCH, and let it boot in standby',
  never:
    'count on the old holder unless `status` calls it a standby: it may be out of service until the change has ended, or is stuck',
};

function textOf({ kind, reasons }: Incident): IncidentText {
  const isOnItsWay = kind === 'no-candidate' && !reasons.includes(NOTHING_TORN_DOWN);
  return isOnItsWay ? ON_ITS_WAY_NOWHERE : INCIDENT_TEXT[kind];
}

export interface IncidentFacts {
  cluster: string;
  incident: StoredIncident;
  runbookUrl: string;
  table: string;
}

export function incidentPage({ cluster, incident, runbookUrl, table }: IncidentFacts): PageMessage {
  const text = textOf(incident);
  const { overAtMs, untoldSinceMs } = incident;
  const command: Command = (verb, vip = incident.vipId ?? undefined) =>
    `${COMMAND} ${verb} --table ${table}${vip === undefined ? '' : ` --vip ${vip}`}`;
  const status = `${command('status')}   (is all well now? Then find out why it was so, and why no page went out)`;
  const subject = incident.vipId ?? incident.nodeId ?? cluster;
  const isOver = overAtMs !== null;
  return {
    subject: `${cluster} ${isOver ? 'OVER, told late: ' : ''}${incident.kind}: ${subject}`.slice(0, SUBJECT_MAX),
    body: [
      ...(overAtMs === null ? [] : overText(incident.atMs, overAtMs)),
      `${isOver ? 'What it was:  ' : 'What:         '}${text.what}`,
      `VIP:          ${incident.vipId ?? 'none'}${incident.epoch === null ? '' : ` at epoch ${incident.epoch}`}`,
      ...(incident.nodeId === null ? [] : [`Node:         ${incident.nodeId}`]),
      `Seen:         ${incident.reasons.join('; ')}`,
      ...(untoldSinceMs === null ? [] : [`Before that:  it came and went since ${isoOf(untoldSinceMs)}, untold`]),
      ...(isOver ? [] : [`Look:         ${command('explain')}`]),
      `Next command: ${isOver ? status : text.next(command)}`,
      `Do NOT:       ${isOver ? 'act as if it were still so' : text.never}`,
      '',
      `Since ${isoOf(incident.atMs)}. Runbook: ${runbookUrl}#${incident.kind}`,
    ].join('\n'),
    attributes: {
      kind: incident.kind,
      cluster,
      vip: incident.vipId ?? '-',
      // One of a VIP ends when that is served; one of a zone or a node says nothing of VIPs.
      served: isOver && incident.vipId !== null ? 'yes' : 'not-known',
    },
  };
}

function overText(atMs: number, overAtMs: number): string[] {
  return [
    `Over:         IT IS OVER. It lasted from ${isoOf(atMs)} to ${isoOf(overAtMs)}, ${seconds(overAtMs - atMs)}`,
    'Told late:    no page could be sent while it lasted: SNS took none, or the failover function did not run',
  ];
}

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

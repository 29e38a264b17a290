/** An observation back to the model; see decode.ts for the rules. */
import type { DatabaseEvidence, EslEvidence, Observation, SipEvidence } from '../../domain/model';
import type { PlainItem } from './attributes';
import { fieldsOf } from './decode';
import type { Fields } from './fields';

const ESL_VERDICTS: Record<EslEvidence['verdict'], true> = {
  ok: true,
  paused: true,
  stopping: true,
  refused: true,
  silent: true,
  rejected: true,
  malformed: true,
};

/** Looks that a history holds. */
const HISTORY_BITS = 30;

const SIP_VERDICTS: Record<SipEvidence['verdict'], true> = {
  ok: true,
  busy: true,
  standby: true,
  refused: true,
  silent: true,
  malformed: true,
};

export function decodeObservation(item: PlainItem): Observation {
  const fields = fieldsOf(item);
  const esl = decodeEsl(fields.object('esl'));
  const eslMisses = fields.numberOr('eslMisses', 0);
  const eslMissingSinceMs = fields.numberOrNull('eslMissingSinceMs');
  const sipMisses = fields.map('sipMisses', (entries, vipId) => entries.number(vipId));
  return {
    nodeId: fields.string('nodeId'),
    zone: fields.string('zone'),
    observedAtMs: fields.number('observedAtMs'),
    blind: fields.booleanOr('blind', false),
    muted: fields.booleanOr('muted', false),
    mutedWhy: fields.stringOrNull('mutedWhy'),
    mutedSinceMs: fields.numberOrNull('mutedSinceMs'),
    esl,
    sip: fields.map('sip', (entries, vipId) => decodeSip(entries.object(vipId))),
    eslMisses,
    eslMissingSinceMs,
    eslRefusedSinceMs: fields.numberOrNull('eslRefusedSinceMs') ?? refusedSinceMs(esl, eslMissingSinceMs),
    sipMisses,
    sipMissingSinceMs: fields.map('sipMissingSinceMs', (entries, vipId) => entries.numberOrNull(vipId)),
    eslHistory: fields.has('eslHistory') ? fields.natural('eslHistory') : missesInARow(eslMisses),
    sipHistory: fields.has('sipHistory')
      ? fields.map('sipHistory', (entries, vipId) => entries.natural(vipId))
      : Object.fromEntries(Object.entries(sipMisses).map(([vipId, misses]) => [vipId, missesInARow(misses)])),
    eslWellSinceMs: fields.numberOrNull('eslWellSinceMs'),
    withdrawnSinceMs: fields.numberOrNull('withdrawnSinceMs'),
    sipStandbys: fields.map('sipStandbys', (entries, vipId) => entries.number(vipId)),
    database: decodeDatabase(fields.objectOrNull('database')),
    coreUuid: fields.stringOrNull('coreUuid'),
    lastSessions: fields.numberOrNull('lastSessions'),
    lastClockOffsetMs: fields.numberOrNull('lastClockOffsetMs'),
    codeVersion: fields.string('codeVersion'),
    topologyVersion: fields.string('topologyVersion'),
  };
}

/** The history of a version that counted only in a row: so many misses, and before them nothing is known. */
function missesInARow(misses: number): number {
  return 2 ** Math.min(Math.max(0, Math.floor(misses)), HISTORY_BITS) - 1;
}

/** A version that did not tell a refusal from silence: it may have been refused for as long as it was missed. */
function refusedSinceMs({ verdict }: EslEvidence, eslMissingSinceMs: number | null): number | null {
  return verdict === 'refused' ? eslMissingSinceMs : null;
}

function decodeEsl(fields: Fields): EslEvidence {
  return {
    verdict: fields.oneOf('verdict', Object.keys(ESL_VERDICTS) as EslEvidence['verdict'][]),
    detail: fields.stringOrNull('detail') ?? '',
    latencyMs: fields.numberOrNull('latencyMs'),
    coreUuid: fields.stringOrNull('coreUuid'),
    sessions: fields.numberOrNull('sessions'),
    clockOffsetMs: fields.numberOrNull('clockOffsetMs'),
    shutdownPending: fields.booleanOr('shutdownPending', null),
  };
}

function decodeSip(fields: Fields): SipEvidence {
  return {
    verdict: fields.oneOf('verdict', Object.keys(SIP_VERDICTS) as SipEvidence['verdict'][]),
    detail: fields.stringOrNull('detail') ?? '',
    latencyMs: fields.numberOrNull('latencyMs'),
  };
}

function decodeDatabase(fields: Fields | null): DatabaseEvidence | null {
  if (fields === null) return null;
  const trouble = fields.objectOrNull('trouble');
  return {
    verdict: fields.oneOf('verdict', ['ok', 'slow', 'away']),
    detail: fields.string('detail'),
    latencyMs: fields.numberOrNull('latencyMs'),
    ...(trouble === null ? {} : { trouble: { sinceMs: trouble.number('sinceMs'), atMs: trouble.number('atMs') } }),
  };
}

/** Calls through the lab: set up, judged after a fault, hung up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UnderstudyError } from '../../lib/domain/errors';
import type { Lab } from './lab';
import { PHONE_USER, SIP_PORT } from './plan';
import type { CallReport, LegReport } from './ua/protocol';
import { until } from './wait';

const CALLS_PER_SECOND = 40;
const ANSWERED_WITHIN_MS = 20_000;
const ROWS_WITHIN_MS = 15_000;
const BYE_WITHIN_MS = 8_000;
/**
 * The CSeq that FreeSWITCH begins a leg with is the time in units of two seconds: a leg that is rebuilt within the same
 * two seconds sends the number once more, and a strict party refuses it. Such young calls are not what is measured.
 */
const OLDER_THAN_MS = 2_500;
/** A leg that had no packet for so long has no audio. */
const SILENT_AFTER_MS = 1_000;

let placed = 0;

/** Bridged calls over the VIP, each with audio both ways and both rows written. */
export async function placeCalls(lab: Lab, vipId: string, count: number): Promise<void> {
  const via = publicIpOf(lab, vipId);
  const calls = Array.from({ length: count }, () => {
    placed += 1;
    return { name: `call-${placed}`, via, port: SIP_PORT };
  });
  const { parties } = lab.ground;
  await parties.ask({ do: 'place', calls, perSecond: CALLS_PER_SECOND, withinMs: ANSWERED_WITHIN_MS });
  const names = new Set(calls.map(({ name }) => name));
  await until(`${count} calls over ${vipId} have audio`, ANSWERED_WITHIN_MS, async () => {
    const reports = (await parties.ask({ do: 'report' })).filter((call) => names.has(call.name));
    const failed = reports.find((call) => call.caller.state === 'failed');
    if (failed !== undefined) throw new UnderstudyError(`${failed.name}: ${failed.caller.detail ?? 'failed'}`);
    return reports.length === count && reports.every(isAlive) ? true : null;
  });
  const { vips } = await lab.store.readCluster();
  const coreUuid = vips.find((vip) => vip.vipId === vipId)?.holder?.coreUuid ?? null;
  const known = (await parties.ask({ do: 'report' })).filter((call) => call.via === via && isAlive(call)).length;
  await until(`the rows of ${known} calls of ${vipId}`, ROWS_WITHIN_MS, async () =>
    (await lab.legsOf(vipId, coreUuid)) === 2 * known ? true : null,
  );
  await sleep(OLDER_THAN_MS);
  await parties.ask({ do: 'mark' });
}

/** Calls the registered phone through the VIP, and leaves the call up. @returns `answered`, with audio, or why not */
export async function ringPhone(lab: Lab, vipId: string): Promise<string> {
  const { parties } = lab.ground;
  const call = { name: PHONE_USER, via: publicIpOf(lab, vipId), port: SIP_PORT };
  await parties.ask({ do: 'place', calls: [call], perSecond: 1, withinMs: ANSWERED_WITHIN_MS });
  return until('the phone rings', ANSWERED_WITHIN_MS, async () => {
    const rung = (await parties.ask({ do: 'report' })).find(({ name }) => name === PHONE_USER);
    if (rung === undefined) return null;
    if (rung.caller.state === 'failed') return fateOf(rung);
    return isAlive(rung) ? 'answered' : null;
  });
}

export interface Survival {
  calls: number;
  alive: number;
  /** Of calls that are alive, in milliseconds, from the last mark on. */
  longestGapMs: number;
  /** Median over these calls of the longer gap of their two legs. */
  medianGapMs: number;
  reinvites: number;
  violations: string[];
  /** What became of calls that are not alive. */
  lost: string[];
}

export async function survival(lab: Lab, vipId: string): Promise<Survival> {
  const via = publicIpOf(lab, vipId);
  const reports = (await lab.ground.parties.ask({ do: 'report' })).filter((call) => call.via === via);
  const alive = reports.filter(isAlive);
  const gaps = alive.map(gapOf).sort((a, b) => a - b);
  return {
    calls: reports.length,
    alive: alive.length,
    longestGapMs: Math.round(gaps.at(-1) ?? 0),
    medianGapMs: Math.round(gaps[Math.floor(gaps.length / 2)] ?? 0),
    reinvites: reports.reduce((sum, call) => sum + call.caller.reinvites + (call.callee?.reinvites ?? 0), 0),
    violations: reports.flatMap((call) => [...call.caller.violations, ...(call.callee?.violations ?? [])]),
    lost: reports.filter((call) => !isAlive(call)).map(fateOf),
  };
}

/** BYE by every caller. @returns calls of which both legs ended by it */
export async function hangUp(lab: Lab): Promise<number> {
  const reports = await lab.ground.parties.ask({ do: 'hang-up', withinMs: BYE_WITHIN_MS });
  return reports.filter(
    ({ caller, callee }) => caller.detail === 'BYE answered with 200' && callee?.detail?.startsWith('BYE') === true,
  ).length;
}

function publicIpOf(lab: Lab, vipId: string): string {
  const { elasticIp } = lab.vip(vipId);
  if (elasticIp === null) throw new UnderstudyError(`${vipId} has no public address`);
  return elasticIp.publicIp;
}

const hasAudio = (leg: LegReport): boolean =>
  leg.state === 'up' && leg.silentForMs !== null && leg.silentForMs < SILENT_AFTER_MS;

const isAlive = ({ caller, callee }: CallReport): boolean => hasAudio(caller) && callee !== null && hasAudio(callee);

const gapOf = ({ caller, callee }: CallReport): number => Math.max(caller.longestGapMs ?? 0, callee?.longestGapMs ?? 0);

const fateOf = ({ name, caller, callee }: CallReport): string =>
  `${name}: caller ${legFate(caller)}, callee ${callee === null ? 'never rang' : legFate(callee)}`;

const legFate = ({ state, detail, silentForMs, reinvites }: LegReport): string =>
  `${state}${detail === null ? '' : ` (${detail})`}, silent for ${Math.round(silentForMs ?? -1)} ms, ${reinvites} re-INVITEs`;

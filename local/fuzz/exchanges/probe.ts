import type { EslAnswer } from '../../../lib/freeswitch/esl/esl-probe';
import type { Reading } from '../reference/esl-reading';
import {
  asUuid,
  CORE_UUID,
  lastReply,
  PAUSE_INBOUND,
  PAUSE_OUTBOUND,
  readings,
  readStatus,
  SHUTDOWN_PENDING,
  STATUS,
  textProblems,
} from './common';
import type { Exchange, Place, Subject } from './exchange';
import { leftReading, saysNo } from './failures';

const ASK_MS = 500;
/** Between two questions, so that what the peer says on its own is heard. */
const BETWEEN_MS = 20;

/** The question of every second, on one connection that is kept open. */
export function probeRun(password: string, asks: number): Pick<Exchange, 'run' | 'withinMs'> {
  return { withinMs: asks * (ASK_MS + BETWEEN_MS), run: (subject, place) => run(subject, place, password, asks) };
}

async function run(subject: Subject, place: Place, password: string, asks: number): Promise<string[]> {
  const { host, eslPort, clock, log } = place;
  const source = { get: async () => password, drop: () => undefined };
  const probe = new subject.EslProbe({ host, port: eslPort, password: source, clock });
  const problems: string[] = [];
  for (let ask = 0; ask < asks; ask += 1) {
    const since = log.mark();
    const startedMs = clock.monotonicMs();
    const answer = await probe.ask(ASK_MS);
    const tookMs = clock.monotonicMs() - startedMs;
    if (tookMs > ASK_MS + (place.real ? 400 : 1)) problems.push(`an answer after ${tookMs} ms`);
    problems.push(...probeProblems(answer, await readings(place), since, password, place.real));
    await clock.sleep(BETWEEN_MS);
  }
  probe.close();
  return problems;
}

/** What is wrong with an answer to the question that was asked after `since`. Exported for the oracle's own tests. */
export function probeProblems(
  { evidence, sessionLimit }: EslAnswer,
  seen: readonly Reading[],
  since: number,
  password: string,
  real: boolean,
): string[] {
  const { verdict, coreUuid, sessions, shutdownPending } = evidence;
  const problems = textProblems(evidence.detail, password);
  const complain = (what: string): void => void problems.push(`${verdict} (${evidence.detail}): ${what}`);
  const told = seen.map((reading) => toldBy(reading, real ? 0 : since));
  if (!verdictJustified(verdict, seen, told)) complain('the bytes do not say so');
  if (coreUuid !== null && !told.some((each) => each.uuid === coreUuid)) complain(`core_uuid ${coreUuid} was not told`);
  if (sessions !== null && !told.some((each) => each.status?.sessions === sessions)) complain(`${sessions} sessions`);
  if (sessionLimit !== null && !told.some((each) => each.status?.limit === sessionLimit)) complain('session limit');
  const ofShutdown = ({ shutdownReply }: Told): boolean => shutdownReply === String(shutdownPending);
  if (shutdownPending !== null && !told.some(ofShutdown)) complain(`shutdown pending: ${shutdownPending}`);
  if (!real && verdict === 'silent' && told.some(({ full }) => full)) complain('a whole answer was there in time');
  return problems;
}

interface Told {
  uuid: string | null;
  status: ReturnType<typeof readStatus>;
  paused: boolean | null;
  /** Whatever it says; null while nothing came. */
  outboundReply: string | null;
  /** Whatever it says; null while nothing came. */
  shutdownReply: string | null;
  /** A reply came that says neither yes nor no. */
  odd: boolean;
  full: boolean;
}

function toldBy(reading: Reading, since: number): Told {
  const statusReply = lastReply(reading, STATUS, since);
  const pauseReply = lastReply(reading, PAUSE_INBOUND, since)?.trim() ?? null;
  const outboundReply = lastReply(reading, PAUSE_OUTBOUND, since)?.trim() ?? null;
  const shutdownReply = lastReply(reading, SHUTDOWN_PENDING, since)?.trim() ?? null;
  const status = readStatus(statusReply);
  const paused = pauseReply === 'true' ? true : pauseReply === 'false' ? false : null;
  const uuid = asUuid(lastReply(reading, CORE_UUID));
  const odd = (statusReply !== null && (status?.ready ?? null) === null) || (pauseReply !== null && paused === null);
  const whole = outboundReply !== null && shutdownReply !== null;
  const full = uuid !== null && (status?.ready ?? null) !== null && paused !== null && whole;
  return { uuid, status, paused, outboundReply, shutdownReply, odd, full };
}

function verdictJustified(verdict: EslAnswer['evidence']['verdict'], seen: readonly Reading[], told: Told[]): boolean {
  switch (verdict) {
    case 'ok':
      return told.some(
        ({ status, paused, outboundReply }) =>
          status?.ready === true && paused === false && outboundReply !== null && outboundReply !== 'true',
      );
    case 'paused':
      return told.some(
        ({ status, paused, outboundReply }) => paused === true || outboundReply === 'true' || status?.ready === false,
      );
    case 'stopping':
      return seen.some(({ ending }) => ending === 'shutdown');
    case 'refused':
      return seen.at(-1)?.refused === true;
    case 'rejected':
      return seen.some(saysNo);
    case 'malformed':
      return seen.some(({ deviations }) => deviations.length > 0) || told.some(({ odd }) => odd);
    case 'silent':
      return !leftReading(seen);
  }
}

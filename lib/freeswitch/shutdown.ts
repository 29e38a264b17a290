import { REFUSED_ALREADY, unreachedBy, type No, type ShutdownProof } from '../domain/node-control';
import { EslFailure, type EslFailureKind } from './esl/failure';
import type { EslConnection } from './esl/connection';
import { CORE_UUID_COMMAND, parseCoreUuid } from './esl/status';

/** `fsctl shutdown now` closes the connection in 5 to 60 ms (FACTS 1): a second is a generous wait for it. */
const CLOSE_WITHIN_MS = 1_000;
/** Between two looks at the port, plus as much again at random: observers look there too. */
const LOOK_EVERY_MS = 25;
const MAX_LOOKS = 200;
/** A process that is just ending hangs up on one question or two, and then refuses. */
const MAX_TRIES = 4;

export interface ShutdownTask {
  /** A fresh connection to the node, within what is left of the task's time. */
  open(): Promise<EslConnection>;
  leftMs(): number;
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  jitter(): number;
  /** The incarnation to end, where it is known: another one found there is left alone. */
  coreUuid: string | null;
}

/**
 * Ends a FreeSWITCH process at once: no BYE is sent and the recovery rows stay, as after SIGKILL (FACTS 4).
 *
 * | what happens | answer |
 * | --- | --- |
 * | the order closes the socket, then the port refuses | fenced |
 * | the port refuses from the start, twice | fenced: an earlier order's answer was lost, or it had died (1) |
 * | it refuses, or hangs up on the first question, and a moment later is answered | as if that had been the start |
 * | it hangs up on the first question, then the port refuses, twice | as if it had refused from the start |
 * | it hangs up before the order, then the port refuses, twice | the same: it ends by itself, and not as ordered |
 * | another core_uuid answers, before the order or after it | fenced: the old incarnation is dead |
 * | no answer, wrong password, an error as reply | not fenced |
 *
 * 1. The holder had been promoted over this very port, so where nothing listens this incarnation is gone, or on its way
 *    out, or its event socket alone is closed (`REFUSED_ALREADY`): whoever takes that for a fence asks SIP too. It is what
 *    makes the order repeatable.
 */
export async function shutDownNow(task: ShutdownTask): Promise<ShutdownProof> {
  let last: Nobody | null = null;
  for (let tries = 0; tries < MAX_TRIES && task.leftMs() > 0; tries += 1) {
    if (last !== null) await task.sleep(LOOK_EVERY_MS * (1 + task.jitter()));
    // Whoever listens now may be the very process that is meant, its event socket loaded again.
    const found = await endWhoListens(task);
    if ('fenced' in found) return found;
    if (last?.refuses === true && found.refuses) {
      return { fenced: true, proof: `${REFUSED_ALREADY}, no order was needed; then a new connection was refused` };
    }
    last = found;
  }
  return { fenced: false, reason: last?.reason ?? 'there was no time to ask' };
}

/** Nobody was there to be told. */
interface Nobody {
  /** Nothing listens; or somebody hung up before it said who it is, and that alone proves nothing. */
  refuses: boolean;
  reason: string;
}

async function endWhoListens(task: ShutdownTask): Promise<ShutdownProof | Nobody> {
  let connection: EslConnection;
  try {
    connection = await task.open();
  } catch (error) {
    return nobodyOr(error);
  }
  try {
    const asked = await connection.api(CORE_UUID_COMMAND, task.leftMs()).catch(nobodyOr);
    if (typeof asked !== 'string') return asked;
    const running = parseCoreUuid(asked);
    if (running === null) return { fenced: false, reason: 'the node does not tell its core_uuid: no order was sent' };
    if (task.coreUuid !== null && running !== task.coreUuid) return restarted(task.coreUuid, running);
    // It says goodbye of its own accord, perhaps to hang up its calls: no order was sent.
    if (!connection.isOpen) return await endsByItself(task, running);
    const refusal = await order(connection, task.leftMs());
    if (refusal !== null) return { fenced: false, ...refusal };
    return await proveGone(task, running, 'the connection closed after `fsctl shutdown now`');
  } finally {
    connection.close();
  }
}

function nobodyOr(error: unknown): ShutdownProof | Nobody {
  const { kind, message: reason } = asFailure(error);
  if (kind === 'refused' || hangsUp(kind)) return { refuses: kind === 'refused', reason };
  return { fenced: false, reason, ...unreachedBy(error) };
}

const hangsUp = (kind: EslFailureKind): boolean => kind === 'closed' || kind === 'stopping';

/** Twice, as where nothing listened from the start. */
async function endsByItself(task: ShutdownTask, running: string): Promise<ShutdownProof> {
  const first = await proveGone(task, running, 'the node hung up before it was told to end');
  if (!first.fenced) return first;
  await task.sleep(LOOK_EVERY_MS * (1 + task.jitter()));
  return proveGone(task, running, `${REFUSED_ALREADY}, no order was needed`);
}

/** Null when the connection closed, which is the only good answer to this order. */
async function order(connection: EslConnection, leftMs: number): Promise<No | null> {
  try {
    const reply = await connection.api('fsctl shutdown now', Math.min(CLOSE_WITHIN_MS, leftMs));
    const instead = `"${connection.quote(reply)}" instead of a closed connection`;
    return { reason: `\`fsctl shutdown now\` was answered with ${instead}` };
  } catch (error) {
    const failure = asFailure(error);
    return hangsUp(failure.kind) ? null : { reason: failure.message, ...unreachedBy(error) };
  }
}

/**
 * Nothing may listen now, or somebody else must.
 * @param old the incarnation that listened a moment ago
 */
async function proveGone(task: ShutdownTask, old: string, first: string): Promise<ShutdownProof> {
  let last = 'there was no time to look';
  for (let looks = 0; looks < MAX_LOOKS && task.leftMs() > 0; looks += 1) {
    const found = await look(task);
    if (found.kind === 'refused') return { fenced: true, proof: `${first}; then a new connection was refused` };
    if (found.kind === 'running' && found.coreUuid !== old) return restarted(old, found.coreUuid);
    last = found.kind === 'running' ? `${found.coreUuid} still answers` : found.detail;
    await task.sleep(Math.min(LOOK_EVERY_MS * (1 + task.jitter()), Math.max(0, task.leftMs())));
  }
  return { fenced: false, reason: `${first}, but its end could not be proved: ${last}` };
}

type Found = { kind: 'refused' } | { kind: 'running'; coreUuid: string } | { kind: 'unclear'; detail: string };

async function look(task: ShutdownTask): Promise<Found> {
  let connection: EslConnection | null = null;
  try {
    connection = await task.open();
    const coreUuid = parseCoreUuid(await connection.api(CORE_UUID_COMMAND, task.leftMs()));
    return coreUuid === null ? { kind: 'unclear', detail: 'no core_uuid' } : { kind: 'running', coreUuid };
  } catch (error) {
    const failure = asFailure(error);
    return failure.kind === 'refused' ? { kind: 'refused' } : { kind: 'unclear', detail: failure.message };
  } finally {
    connection?.close();
  }
}

function restarted(old: string, running: string): ShutdownProof {
  return { fenced: true, proof: `${running} runs there now, so the process ${old} is gone` };
}

/** Anything else than an EslFailure is not about the node (an unreadable password): nothing is proved by it. */
function asFailure(error: unknown): EslFailure {
  if (error instanceof EslFailure) return error;
  return new EslFailure('rejected', 'connect', error instanceof Error ? error.message : String(error));
}

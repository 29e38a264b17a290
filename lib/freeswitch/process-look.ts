import type { ProcessLook } from '../domain/ports';
import type { EslConnection } from './esl/connection';
import { CORE_UUID_COMMAND, parseCoreUuid, parseStatus, STATUS_COMMAND } from './esl/status';
import type { Countdown } from './node-task';
import { whyPausedEitherWay } from './promotion';

/**
 * A standby is ready and not paused: its profiles' flag alone turns callers away, and ESL does not show that (FACTS 5).
 * One that is paused in either direction takes no caller, or deletes the rows of calls unrecovered (FACTS 7.5).
 * @throws EslFailure when it cannot be asked
 */
export async function lookAtProcess(esl: EslConnection, leftMs: Countdown): Promise<ProcessLook> {
  // Pipelined: one round trip.
  const [uuid, paused, status] = await Promise.all([
    esl.api(CORE_UUID_COMMAND, leftMs()),
    whyPausedEitherWay(esl, leftMs),
    esl.api(STATUS_COMMAND, leftMs()),
  ]);
  const coreUuid = parseCoreUuid(uuid);
  const unfit =
    (coreUuid === null ? `it does not tell its core_uuid, but "${esl.quote(uuid)}"` : null) ??
    paused ??
    (parseStatus(status)?.ready === true ? null : `it does not say that it is ready, but "${esl.quote(status)}"`);
  return { coreUuid, unfit };
}

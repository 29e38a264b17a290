import type { ProcessLook } from '../domain/ports';
import type { EslConnection } from './esl/connection';
import {
  CORE_UUID_COMMAND,
  parseCoreUuid,
  parseStatus,
  PAUSE_INBOUND_COMMAND,
  PAUSE_OUTBOUND_COMMAND,
  STATUS_COMMAND,
} from './esl/status';
import type { Countdown } from './node-task';
import { whyPaused } from './promotion';

/**
 * A standby is ready and not paused: its profiles' flag alone turns callers away, and ESL does not show that (FACTS 5).
 * One that is paused in either direction takes no caller, or deletes the rows of calls unrecovered (FACTS 7.5).
 * @throws EslFailure when it cannot be asked
 */
export async function lookAtProcess(esl: EslConnection, leftMs: Countdown): Promise<ProcessLook> {
  // Pipelined: one round trip.
  const [uuid, inbound, outbound, status] = await Promise.all([
    esl.api(CORE_UUID_COMMAND, leftMs()),
    esl.api(PAUSE_INBOUND_COMMAND, leftMs()),
    esl.api(PAUSE_OUTBOUND_COMMAND, leftMs()),
    esl.api(STATUS_COMMAND, leftMs()),
  ]);
  const coreUuid = parseCoreUuid(uuid);
  const unfit =
    (coreUuid === null ? `it does not tell its core_uuid, but "${esl.quote(uuid)}"` : null) ??
    whyPaused(esl, PAUSE_INBOUND_COMMAND, inbound) ??
    whyPaused(esl, PAUSE_OUTBOUND_COMMAND, outbound) ??
    (parseStatus(status)?.ready === true ? null : `it does not say that it is ready, but "${esl.quote(status)}"`);
  return { coreUuid, unfit };
}

import { parseStatus, STATUS_COMMAND } from '../../lib/freeswitch/esl/status';
import type { FreeSwitchProcess } from '../standin/freeswitch-process';

/** Sessions of one FreeSWITCH as it says itself; null when it does not. */
export async function sessionsOf(process: FreeSwitchProcess): Promise<number | null> {
  const reply = await process.api(STATUS_COMMAND).catch(() => null);
  return reply === null ? null : (parseStatus(reply)?.sessions ?? null);
}

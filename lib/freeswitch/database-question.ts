/** Whether FreeSWITCH itself reaches its database, which neither OPTIONS nor `status` nor a recovery tells (FACTS 7.2, 8.4). */
import type { EslConnection } from './esl/connection';
import { EslFailure } from './esl/failure';
import type { Countdown } from './node-task';

/** Read from the core database, as the rows of calls are; without an answer while that is away or its role locked (FACTS 2). */
export const DATABASE_COMMAND = 'show channels count';

const COUNTED = /^\s*\d+ total\.\s*$/;
/** A connection that has to be made first takes some tens of milliseconds. */
const LONGEST_MS = 1_000;
/** Of the time that is left: whoever asked is to hear of it. */
const SHARE = 0.6;

/**
 * On a connection of its own: FreeSWITCH answers nothing else on it meanwhile.
 * @returns null where it does, or why it is taken not to, in words
 * @throws EslFailure where it is not the silence of this one question
 */
export async function whyWithoutDatabase(esl: EslConnection, leftMs: Countdown): Promise<string | null> {
  const timeoutMs = Math.min(LONGEST_MS, leftMs() * SHARE);
  try {
    const reply = await esl.api(DATABASE_COMMAND, timeoutMs);
    return COUNTED.test(reply) ? null : `"${DATABASE_COMMAND}" says "${esl.quote(reply)}"`;
  } catch (error) {
    if (!(error instanceof EslFailure) || error.kind !== 'silent') throw error;
    return `its database does not answer it: "${DATABASE_COMMAND}" said nothing for ${Math.round(timeoutMs)} ms`;
  }
}

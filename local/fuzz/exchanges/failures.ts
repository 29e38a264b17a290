import { EslFailure } from '../../../lib/freeswitch/esl/failure';
import { UnderstudyError } from '../../../lib/domain/errors';
import type { Reading } from '../reference/esl-reading';
import { textProblems } from './common';

/** Whether the bytes justify a failure. @param at when it was told, where that was before the end of all */
export function failureProblems(
  error: unknown,
  readings: readonly Reading[],
  password: string,
  at = Infinity,
): string[] {
  if (!(error instanceof UnderstudyError)) return [`threw ${String(error)} instead of an error of its own`];
  const texts = textProblems(error.message, password);
  if (!(error instanceof EslFailure)) return texts;
  return justified(error, readings, at) ? texts : [...texts, `"${error.kind}" (${error.stage}): ${error.message}`];
}

function justified({ kind }: EslFailure, readings: readonly Reading[], at: number): boolean {
  const any = (holds: (reading: Reading) => boolean): boolean => readings.some(holds);
  switch (kind) {
    case 'refused':
      return any(({ refused }) => refused);
    case 'rejected':
      return any(saysNo);
    case 'stopping':
      return any(({ ending }) => ending === 'shutdown');
    case 'malformed':
      return any(({ deviations }) => deviations.length > 0);
    case 'closed':
      return any(({ ending, hungUpAt }) => hungUpAt !== null || ending === 'disconnect');
    case 'silent':
      return !leftReading(readings, at);
    case 'aborted':
      return true;
  }
}

/** The peer's own refusal, in the words in which FreeSWITCH refuses. */
export function saysNo({ ending, replies }: Reading): boolean {
  if (ending === 'access-list' || ending === 'password' || ending === 'command') return true;
  return replies.some(({ command, text }) => /^(bgapi|event) /.test(command) && text.startsWith('-ERR'));
}

/** Bytes that are not ESL end the reading at once. To wait for more of them is to hold all that a peer may send. */
export function leftReading(readings: readonly Reading[], at = Infinity): boolean {
  const last = readings.at(-1);
  return last?.ending === 'hard' && last.hungUpAt === null && last.endedAt <= at;
}

import type { OptionsResult } from '../../../lib/freeswitch/sip/options';
import type { WireLog } from '../network/wire-log';
import { readAnswer, type SipAnswer } from '../reference/sip-answer';
import { textProblems } from './common';
import type { Exchange, Place, Subject } from './exchange';

const TIMEOUT_MS = 400;
/** As many datagrams that are no answer end the waiting. */
const FOREIGN_LIMIT = 32;

/** One OPTIONS question, with its copies. */
export function optionsRun(): Pick<Exchange, 'run' | 'withinMs'> {
  const run = async (subject: Subject, place: Place): Promise<string[]> => {
    const { host, sipPort: port, clock, dice } = place;
    const result = await subject.sendOptions({ host, port, timeoutMs: TIMEOUT_MS, ids: dice, clock });
    return optionsProblems(result, place.log, place.real);
  };
  return { withinMs: TIMEOUT_MS + 1, run };
}

/** What is wrong with the result of the questions in the log. Exported for the oracle's own tests. */
export function optionsProblems({ evidence, status }: OptionsResult, log: WireLog, real: boolean): string[] {
  const { verdict, detail } = evidence;
  const problems = textProblems(detail, '(none)');
  const answers = finalAnswers(log);
  const came = log.questions.flatMap((question) => question.answers);
  const complain = (what: string): void => void problems.push(`${verdict} ${status} (${detail}): ${what}`);
  switch (verdict) {
    case 'ok':
    case 'busy':
    case 'standby': {
      const said = answers.filter((each) => each.status === status && verdictsOf(each).includes(verdict));
      if (said.length === 0) complain('no whole answer to our question says so');
      break;
    }
    case 'malformed':
      if (came.every((each) => each.pristine) && came.length < FOREIGN_LIMIT) complain('every answer was perfect');
      break;
    case 'silent':
      break;
    case 'refused':
      if (came.some(({ pristine }) => pristine)) complain('an answer came before');
      break;
  }
  const pristine = came.findIndex((each) => each.pristine);
  const taken = verdict === 'ok' || verdict === 'busy' || verdict === 'standby';
  if (!real && !taken && pristine !== -1 && pristine < FOREIGN_LIMIT - 1)
    complain('a perfect answer was there in time');
  return problems;
}

/** Whole final answers to questions of ours, as the reference reads them. */
export function answersTo({ log }: Pick<Place, 'log'>): SipAnswer[] {
  return finalAnswers(log);
}

function finalAnswers({ questions }: WireLog): SipAnswer[] {
  return questions.flatMap(({ request, answers }) => {
    const ours = request?.toString() ?? '';
    const branch = /branch=(\S+)/.exec(ours)?.[1];
    const callId = /^Call-ID: (\S+)/m.exec(ours)?.[1];
    const cseq = Number(/^CSeq: (\d+)/m.exec(ours)?.[1]);
    return answers.flatMap(({ data }) => {
      const read = readAnswer(data);
      if (read === null || read.status < 200 || read.branch !== branch || read.callId !== callId) return [];
      return read.cseq.number === cseq && read.cseq.method === 'OPTIONS' ? [read] : [];
    });
  });
}

/** FACTS 5, and what a proxy or an odd peer may say beside it. */
function verdictsOf({ status, reason }: SipAnswer): ('ok' | 'busy' | 'standby')[] {
  if (status === 503) return [reason.trim().toLowerCase() === 'system paused' ? 'standby' : 'busy'];
  if (status >= 500 || status === 410) return ['busy'];
  return ['ok'];
}

/**
 * An observer is blind when nothing answers it *in any way*: then the silence is its own, and it has no vote
 * (DESIGN invariant 2). Pure.
 */
import type { Look } from './observation';

/**
 * A reset, a 503, a rejection and bytes that make no sense are all answers: something at the other end is there. Not so
 * a rejection that took no time: there the probe could not even ask (no password to be had), and nothing was heard.
 */
export function answers(look: Look): boolean {
  const { esl } = look;
  const eslAnswered = esl.verdict === 'rejected' ? esl.latencyMs !== null : esl.verdict !== 'silent';
  return eslAnswered || Object.values(look.sip).some((sip) => sip.verdict !== 'silent');
}

/**
 * `controlTargetAnswers` is asked only when no node answers: on a good day it costs nothing.
 * Without a control target, an observer to whom every node is silent cannot know better and counts as blind.
 */
export async function isBlind(looks: readonly Look[], controlTargetAnswers: () => Promise<boolean>): Promise<boolean> {
  if (looks.some(answers)) return false;
  return !(await controlTargetAnswers());
}

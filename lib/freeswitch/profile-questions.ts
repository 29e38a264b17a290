/** OPTIONS to the profiles of a VIP on one node, all at once: by the answers an order to the node is proved. */
import type { NodeTopology, VipTopology } from '../domain/model';
import type { Clock, Random } from '../domain/ports';
import type { Countdown } from './node-task';
import { knownProfilePorts } from './profile-ports';
import { type OptionsResult, sendOptions } from './sip/options';

/** One OPTIONS exchange of a wait; an answer takes a millisecond. */
export const OPTIONS_TIMEOUT_MS = 500;
/** Between two questions: the rescan's effect is there when it replies, so the first answer is mostly the one. */
const ASK_AGAIN_AFTER_MS = 20;
const MAX_QUESTIONS = 200;
/** With less time left a healthy node would look silent, and hide what it said before. */
const SHORTEST_QUESTION_MS = 100;

/** The answer of one profile; `where` is its address and port. `profile` is null where none could be asked. */
export interface ProfileAnswer extends OptionsResult {
  profile: string | null;
  where: string;
}

export class ProfileQuestions {
  constructor(private readonly options: { clock: Pick<Clock, 'monotonicMs' | 'sleep'>; random: Random }) {}

  /** One answer for each profile whose port is known, within `timeoutMs`. Never rejects. */
  ask(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<ProfileAnswer[]> {
    return this.each(node, vip, (host, port) => this.askOne(host, port, timeoutMs));
  }

  /** The same, and each profile again until its answer is good or the time is up. */
  askUntil(
    good: (answer: OptionsResult) => boolean,
    node: NodeTopology,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<ProfileAnswer[]> {
    return this.each(node, vip, (host, port) => this.askOneUntil(good, host, port, leftMs));
  }

  private each(
    node: NodeTopology,
    vip: VipTopology,
    question: (host: string, port: number) => Promise<OptionsResult>,
  ): Promise<ProfileAnswer[]> {
    const host = node.vipAddresses[vip.id];
    if (host === undefined) {
      return Promise.resolve([unasked(vip, `it has no address on ${node.id}: add the node to its candidates, deploy`)]);
    }
    const profiles = knownProfilePorts(node, vip);
    // No answer at all would pass for a proof.
    if (profiles.length === 0) return Promise.resolve([unasked(vip, 'it has no profile: name one and deploy')]);
    const asked = profiles.map(async ({ profile, port }) => ({
      profile,
      where: `${host}:${port}`,
      ...(await question(host, port)),
    }));
    return Promise.all(asked);
  }

  private async askOneUntil(
    good: (answer: OptionsResult) => boolean,
    host: string,
    port: number,
    leftMs: Countdown,
  ): Promise<OptionsResult> {
    const { clock, random } = this.options;
    const ask = (): Promise<OptionsResult> => this.askOne(host, port, Math.min(leftMs(), OPTIONS_TIMEOUT_MS));
    let answer = await ask();
    for (let questions = 1; questions < MAX_QUESTIONS && !good(answer); questions += 1) {
      const pauseMs = ASK_AGAIN_AFTER_MS * (1 + random.next());
      if (leftMs() < pauseMs + SHORTEST_QUESTION_MS) break;
      await clock.sleep(pauseMs);
      answer = await ask();
    }
    return answer;
  }

  private askOne(host: string, port: number, timeoutMs: number): Promise<OptionsResult> {
    const { clock, random } = this.options;
    return sendOptions({ host, port, timeoutMs, ids: random, clock });
  }
}

function unasked({ id }: VipTopology, detail: string): ProfileAnswer {
  return { profile: null, where: `VIP ${id}`, evidence: { verdict: 'silent', detail, latencyMs: null }, status: null };
}

/** A profile in standby says 503 to everybody. */
export function isServing({ status }: OptionsResult): boolean {
  return status === 200;
}

/**
 * `Maximum Calls In Progress`: full, which a recovery alone can make it (FACTS 7.5), or paused. It is said before the
 * flag of the profile is looked at, and so tells nothing of it.
 */
export function hidesStandby({ evidence }: OptionsResult): boolean {
  return /^503 Maximum Calls In Progress$/i.test(evidence.detail);
}

export function mayStandBy(answer: OptionsResult): boolean {
  return isStandby(answer) || hidesStandby(answer);
}

export function mayServe(answer: OptionsResult): boolean {
  return isServing(answer) || hidesStandby(answer);
}

/** `System Paused`: only the flag of the profile says that. */
function isStandby({ evidence }: OptionsResult): boolean {
  return evidence.verdict === 'standby';
}

/** For proofs and reasons: `OPTIONS 10.0.0.4:5060: 200 OK`, one after another. */
export function inWords(answers: readonly ProfileAnswer[]): string {
  return answers.map(({ where, evidence }) => `OPTIONS ${where}: ${evidence.detail}`).join('; ');
}

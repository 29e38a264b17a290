/** ESL and OPTIONS to simulated nodes, as node-control speaks them: a connection for each task, and deadlines. */
import { UnderstudyError } from '../../domain/errors';
import { assertNever, type NodeTopology, type VipTopology } from '../../domain/model';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';
import { ask, reaches, type Route, SILENCE } from './exchange';
import type { ClosedBy, Incarnation, SipAnswer } from './incarnation';
import type { RecoveryJob } from './recovery-job';
import type { SimSwitch } from './switch';

/** The node-control of one zone, and what it can get to. */
export interface NodeAccess {
  process: Process;
  dice: Dice;
  switches: ReadonlyMap<string, SimSwitch>;
  route: Route;
}

export type EslFailureKind = 'refused' | 'silent' | 'rejected' | 'closed';

export class SimEslFailure extends UnderstudyError {
  override readonly name = 'SimEslFailure';
  override readonly unreached: boolean;
  constructor(
    readonly kind: EslFailureKind,
    message: string,
  ) {
    super(message);
    this.unreached = kind === 'silent';
  }
}

export type Countdown = () => number;

/** As `lib/freeswitch/esl/open.ts` waits at most. */
const CONNECT_WITHIN_MS = 3_000;
/** Connect, greeting, sign-in. */
const OPEN_MS = [2, 6] as const;
const COMMAND_MS = [1, 3] as const;
const OPTIONS_MS = [1, 3] as const;

export function countdown(process: Process, timeoutMs: number): Countdown {
  const startedMs = process.monotonicMs();
  return () => Math.max(0, timeoutMs - (process.monotonicMs() - startedMs));
}

/** One task over a connection of its own, closed at its end. Throws SimEslFailure, and what the work throws. */
export async function onNode<T>(
  access: NodeAccess,
  node: NodeTopology,
  leftMs: Countdown,
  work: (esl: SimEslConnection) => Promise<T>,
): Promise<T> {
  const connection = await SimEslConnection.open(access, node, leftMs);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

export class SimEslConnection {
  private closed: ClosedBy | null = null;
  private readonly closedListeners: (() => void)[] = [];
  readonly close: () => void;

  private constructor(
    private readonly access: NodeAccess,
    private readonly node: SimSwitch,
    private readonly incarnation: Incarnation,
  ) {
    this.close = incarnation.connect((by) => {
      this.closed = by;
      for (const listener of this.closedListeners) listener();
    });
  }

  /** @throws SimEslFailure */
  static async open(access: NodeAccess, { id }: NodeTopology, leftMs: Countdown): Promise<SimEslConnection> {
    const node = access.switches.get(id);
    const { process, dice, route } = access;
    const timeoutMs = Math.min(CONNECT_WITHIN_MS, leftMs());
    const found = await ask(process, within(dice, OPEN_MS) + route.delayMs(id), timeoutMs, () => {
      if (node === undefined || !reaches(route, id)) return SILENCE;
      const answer = node.answersEsl();
      switch (answer) {
        case 'ok':
        case 'paused':
        case 'stopping':
          return node.process === null ? SILENCE : new SimEslConnection(access, node, node.process);
        case 'silent':
          return SILENCE;
        case 'refused':
        case 'rejected':
          return answer;
        default:
          return assertNever(answer);
      }
    });
    if (found instanceof SimEslConnection) return found;
    if (found === 'refused') throw new SimEslFailure('refused', `${id}: connection refused, nothing listens there`);
    if (found === 'rejected') throw new SimEslFailure('rejected', `${id}: the password was refused`);
    throw new SimEslFailure('silent', `${id}: no greeting within ${Math.round(timeoutMs)} ms`);
  }

  get coreUuid(): string {
    return this.incarnation.coreUuid;
  }

  get isOpen(): boolean {
    return this.closed === null;
  }

  /** @throws SimEslFailure `closed` when the process ended before its answer, `silent` at the deadline */
  async api<T>(leftMs: Countdown, command: (incarnation: Incarnation) => T): Promise<T> {
    const { access, node } = this;
    const timeoutMs = leftMs();
    const { process, dice, route } = access;
    const answer = await ask(process, within(dice, COMMAND_MS) + route.delayMs(node.nodeId), timeoutMs, () => {
      if (!route.carries(node.nodeId, 'there')) return SILENCE;
      if (node.answersEsl() === 'silent') {
        // Not read yet, and given up by whoever asked: it waits in the socket of the process until that thaws (FACTS 1).
        if (this.isOpen && this.incarnation.state === 'frozen')
          this.incarnation.whenRunning(() => command(this.incarnation));
        return SILENCE;
      }
      const said = this.isOpen ? command(this.incarnation) : null;
      // Before the end of a connection arrives what was said on it; what ends the process says nothing.
      const answered = this.isOpen ? { said: said as T } : null;
      // Done there, and nobody here hears of it.
      return route.carries(node.nodeId, 'back') ? answered : SILENCE;
    });
    if (answer === SILENCE) throw this.failure('silent', `did not answer within ${Math.round(timeoutMs)} ms`);
    if (answer === null) throw this.failure('closed', 'the connection was closed');
    return answer.said;
  }

  waits(ms: number): Promise<void> {
    return this.access.process.sleep(ms);
  }

  /** `bgapi`: the answer is an event, and none comes from a process that ends first. Throws as `api` does. */
  async bgapi(leftMs: Countdown, command: (incarnation: Incarnation) => RecoveryJob): Promise<string[]> {
    const { process } = this.access;
    const job = await this.api(leftMs, command);
    const timeoutMs = leftMs();
    const ended = new AbortController();
    const [backMs] = COMMAND_MS;
    const replied = process.answerOf(
      this.heard<string[]>((tell) => job.onEnd(tell)),
      backMs,
    );
    const closed = this.isOpen
      ? this.heard<null>((tell) => this.closedListeners.push(() => tell(null)))
      : Promise.resolve(null);
    const lost = process.answerOf(closed, backMs);
    const overdue = process.sleep(timeoutMs, ended.signal).then((): typeof SILENCE => SILENCE);
    const outcome = await Promise.race([replied, lost, overdue]);
    ended.abort();
    if (outcome === SILENCE) throw this.failure('silent', `its job did not end within ${Math.round(timeoutMs)} ms`);
    if (outcome === null) throw this.failure('closed', 'the connection was closed before its job ended');
    return outcome;
  }

  /** What the node sends by itself: lost where the way back is broken when it happens. */
  private heard<T>(listen: (tell: (what: T) => void) => void): Promise<T> {
    const { route } = this.access;
    return new Promise((resolve) =>
      listen((what) => {
        if (route.carries(this.node.nodeId, 'back')) resolve(what);
      }),
    );
  }

  private failure(kind: EslFailureKind, what: string): SimEslFailure {
    return new SimEslFailure(kind, `${this.node.nodeId}: ${what}`);
  }
}

const DATABASE_WITHIN_MS = 1_000;
const DATABASE_SHARE = 0.6;

/**
 * `show channels count`, as `lib/freeswitch/database-question.ts` asks: no answer where the database gives none (FACTS 2).
 * Throws SimEslFailure.
 */
export async function whyWithoutDatabase(esl: SimEslConnection, leftMs: Countdown): Promise<string | null> {
  const timeoutMs = Math.min(DATABASE_WITHIN_MS, leftMs() * DATABASE_SHARE);
  const answers = await esl.api(leftMs, (incarnation) => incarnation.canUseDatabase());
  if (answers) return null;
  await esl.waits(timeoutMs);
  return 'its database does not answer it';
}

/** What OPTIONS to a VIP's address on a node came to. */
export interface OptionsAnswer {
  verdict: SipAnswer;
  detail: string;
}

export const SIP_DETAILS: Readonly<Record<SipAnswer, string>> = {
  ok: '200 OK',
  busy: '503 Maximum Calls In Progress',
  standby: '503 System Paused',
  silent: 'no answer',
};

/** Never throws. */
export async function sendOptions(
  { process, dice, switches, route }: NodeAccess,
  node: NodeTopology,
  vip: VipTopology,
  timeoutMs: number,
): Promise<OptionsAnswer> {
  const address = node.vipAddresses[vip.id];
  const target = switches.get(node.id);
  if (address === undefined || target === undefined) {
    return { verdict: 'silent', detail: `${vip.id} has no address on ${node.id}: add the node to its candidates` };
  }
  const verdict = await ask(process, within(dice, OPTIONS_MS) + route.delayMs(node.id), timeoutMs, () => {
    const answer = reaches(route, node.id) ? target.answersSip(vip.id) : 'silent';
    return answer === 'silent' ? SILENCE : answer;
  });
  if (verdict !== SILENCE) return { verdict, detail: SIP_DETAILS[verdict] };
  return { verdict: 'silent', detail: `no answer from ${address}:${vip.sipPort} within ${Math.round(timeoutMs)} ms` };
}

function within(dice: Dice, [from, to]: readonly [number, number]): number {
  return from + dice.below(to - from + 1);
}

/** Imported first: some loaders copy a module's functions when they import it. */
import './network/memory';
import { EslCallSwitch } from '../../lib/freeswitch/call-switch';
import { EslProbe } from '../../lib/freeswitch/esl/esl-probe';
import { openForTask } from '../../lib/freeswitch/esl/open';
import { EslNodeControl } from '../../lib/freeswitch/node-control';
import { sendOptions } from '../../lib/freeswitch/sip/options';
import { Dice } from './dice';
import type { Exchange, Subject } from './exchanges/exchange';
import { exchangeOf } from './exchanges/generate';
import { playInMemory } from './network/play-in-memory';
import { playOverLoopback } from './network/play-over-loopback';
import { WireLog } from './network/wire-log';
import type { Recordings } from './recordings';

export const PRODUCT: Subject = { EslProbe, EslCallSwitch, EslNodeControl, openForTask, sendOptions };

export interface Failure {
  seed: number;
  index: number;
  title: string;
  over: 'memory' | 'loopback';
  problems: string[];
  log: WireLog;
}

/** Every hundredth exchange is played over real sockets; together with the next ones of its kind, because it waits. */
const LOOPBACK_EVERY = 100;
const LOOPBACK_AT_ONCE = 50;
/** A process that stands still lets deadlines run out beside bytes that are there: what failed so is played again. */
const STALL_MS = 50;
const MAX_PLAYS = 4;

export interface RunOptions {
  seed: number;
  exchanges: number;
  recordings: Recordings;
  subject: Subject;
  failed: (failure: Failure) => void;
  /** Called now and then with how many exchanges are over. */
  progress: (done: number) => void;
}

/** What escapes from an exchange: an exception, or a rejection that nobody handles. */
class Escapes {
  private readonly seen: string[] = [];
  private readonly catcher = (error: unknown): void => {
    this.seen.push(`escaped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };

  constructor() {
    process.on('uncaughtException', this.catcher);
    process.on('unhandledRejection', this.catcher);
  }

  take(): string[] {
    return this.seen.splice(0);
  }

  stop(): void {
    process.off('uncaughtException', this.catcher);
    process.off('unhandledRejection', this.catcher);
  }
}

export async function runExchanges(options: RunOptions): Promise<void> {
  const { seed, exchanges, recordings, subject, failed, progress } = options;
  const escapes = new Escapes();
  let waiting: number[] = [];
  const flush = async (): Promise<void> => {
    const last = waiting.at(-1) ?? 0;
    const played = waiting.map((index) => playOne(seed, index, recordings, subject, 'loopback'));
    waiting = [];
    const failures = (await Promise.all(played)).flat();
    failures.forEach(failed);
    const escaped = escapes.take();
    if (escaped.length > 0) failed(escape(seed, last, 'loopback', escaped));
  };
  try {
    for (let index = 0; index < exchanges; index += 1) {
      if (index % LOOPBACK_EVERY === LOOPBACK_EVERY - 1) waiting.push(index);
      else {
        const [failure] = await playOne(seed, index, recordings, subject, 'memory');
        const escaped = escapes.take();
        if (failure !== undefined) failed({ ...failure, problems: [...failure.problems, ...escaped] });
        else if (escaped.length > 0) failed(escape(seed, index, 'memory', escaped));
      }
      if (waiting.length >= LOOPBACK_AT_ONCE) await flush();
      if (index % 250 === 249) progress(index + 1);
    }
    await flush();
    progress(exchanges);
  } finally {
    escapes.stop();
  }
}

/** Of several over loopback it is not known whose it was: the file then names the last of them. */
function escape(seed: number, index: number, over: Failure['over'], problems: string[]): Failure {
  return { seed, index, title: 'escaped from an exchange, or from one beside it', over, problems, log: new WireLog() };
}

/** One exchange by its number, as a replay does. Empty when nothing was wrong. */
export async function playOne(
  seed: number,
  index: number,
  recordings: Recordings,
  subject: Subject,
  over: Failure['over'] = index % LOOPBACK_EVERY === LOOPBACK_EVERY - 1 ? 'loopback' : 'memory',
): Promise<Failure[]> {
  for (let plays = 1; ; plays += 1) {
    const exchange: Exchange = exchangeOf(seed, index, recordings);
    const [ours, peers] = [new Dice(seed ^ 0x0b5e, index), new Dice(seed ^ 0x9ee2, index)];
    const play = over === 'memory' ? playInMemory : playOverLoopback;
    const { problems, log, stalledMs } = { stalledMs: 0, ...(await play(exchange, subject, ours, peers)) };
    if (problems.length === 0) return [];
    if (stalledMs < STALL_MS || plays === MAX_PLAYS)
      return [{ seed, index, title: exchange.title, over, problems, log }];
  }
}

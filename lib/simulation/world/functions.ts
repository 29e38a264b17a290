/** Lambda: invocations that start cold, run out of time, and end wherever somebody ends them. */
import type { Kernel } from '../kernel/kernel';
import { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';

export interface Invocation {
  name: string;
  /** Zone it runs in; null: AWS's own, outside of the VPC. */
  zone: string | null;
  process: Process;
  startedAtMs: number;
}

export interface FunctionKind {
  name: string;
  zone: string | null;
  timeoutMs: number;
}

/** docs/performance.md: 170 to 250 ms here, twice that with AWS's own part. */
const COLD_START_MS = [300, 900] as const;
/** An idle environment is kept for some minutes. */
const KEPT_WARM_MS = 300_000;

/** A fault's companions come within a minute or two, and with them what can be struck. */
const ARMED_FOR_MS = 300_000;
/** Somewhere in a convergence; an order to a node takes a part of that. */
const STRUCK_AFTER_MS = [100, 3_000] as const;

export class Functions {
  readonly running = new Set<Invocation>();
  private readonly lastEndMs = new Map<string, number>();
  private invocations = 0;
  private armed: { prefix: string; untilMs: number; strike: (invocation: Invocation) => void }[] = [];
  private readonly aims: Dice;
  /** Zones whose machines run nothing. */
  isDark: (zone: string) => boolean = () => false;

  constructor(
    private readonly kernel: Kernel,
    private readonly dice: Dice,
  ) {
    this.aims = dice.fork('kills');
  }

  /** @param onEnd called once, with what the handler threw, or null; never when it was killed or ran out of time */
  invoke(
    { name, zone, timeoutMs }: FunctionKind,
    handler: (process: Process) => Promise<unknown>,
    onEnd: (error: unknown) => void = () => undefined,
  ): Invocation | null {
    if (zone !== null && this.isDark(zone)) return null;
    this.invocations += 1;
    const process = new Process(this.kernel, `${name}#${this.invocations}`);
    const invocation: Invocation = { name, zone, process, startedAtMs: this.kernel.nowMs };
    this.running.add(invocation);
    this.strikeIfArmed(invocation);
    process.endAfter(timeoutMs);
    process.onDeath(() => {
      this.running.delete(invocation);
      this.lastEndMs.set(name, this.kernel.nowMs);
    });
    const end = (error: unknown): void => {
      if (!process.alive) return;
      // What it left behind is frozen with its environment.
      process.kill();
      onEnd(error);
    };
    void process
      .sleep(this.coldStartMs(name))
      .then(() => handler(process))
      .then(
        () => end(null),
        (error: unknown) => end(error),
      );
    return invocation;
  }

  /** Ends what runs, and where it stands is where it stays. @returns how many */
  kill(which: (invocation: Invocation) => boolean): number {
    const struck = [...this.running].filter(which);
    for (const { process } of struck) process.kill();
    return struck.length;
  }

  /** Strikes what runs; where nothing does, the first that comes within a while and is not done before it is struck. */
  strikeSoon(prefix: string, strike: (invocation: Invocation) => void): void {
    const running = [...this.running].filter(({ name }) => name.startsWith(prefix));
    if (running.length === 0) this.armed.push({ prefix, untilMs: this.kernel.elapsedMs + ARMED_FOR_MS, strike });
    for (const invocation of running) strike(invocation);
  }

  private strikeIfArmed(invocation: Invocation): void {
    this.armed = this.armed.filter(({ untilMs }) => this.kernel.elapsedMs <= untilMs);
    const aim = this.armed.find(({ prefix }) => invocation.name.startsWith(prefix));
    if (aim === undefined) return;
    this.kernel.after(this.aims.between(...STRUCK_AFTER_MS), () => {
      // A turn that found nothing to do is over by then, and another shot may have been quicker.
      if (!invocation.process.alive || !this.armed.includes(aim)) return;
      this.armed = this.armed.filter((each) => each !== aim);
      aim.strike(invocation);
    });
  }

  private coldStartMs(name: string): number {
    const last = this.lastEndMs.get(name);
    const warm = last !== undefined && this.kernel.nowMs - last < KEPT_WARM_MS;
    return warm ? 2 : this.dice.between(...COLD_START_MS);
  }
}

import { EPOCH_MS, Kernel } from '../../lib/simulation/kernel/kernel';
import { Process } from '../../lib/simulation/kernel/process';

const nothing = (): void => undefined;

function stage(): { kernel: Kernel; process: Process; said: string[]; say: (what: string) => () => void } {
  const kernel = new Kernel();
  const said: string[] = [];
  return {
    kernel,
    process: new Process(kernel, 'failover#1'),
    said,
    say: (what) => () => void said.push(`${what} at ${kernel.nowMs}`),
  };
}

describe('a process in virtual time', () => {
  it('sleeps, and is woken early by an abort', async () => {
    const { kernel, process, said, say } = stage();
    const abort = new AbortController();
    void process.sleep(500).then(say('slept'));
    void process.sleep(900, abort.signal).then(say('aborted'));
    kernel.at(700, () => abort.abort());

    await kernel.run(2_000, nothing);

    expect(said).toEqual(['slept at 500', 'aborted at 700']);
  });

  it('does not sleep where it was told to stop before', async () => {
    const { kernel, process, said, say } = stage();
    void process.sleep(900, AbortSignal.abort()).then(say('stopped'));

    await kernel.run(2_000, nothing);

    expect(said).toEqual(['stopped at 0']);
  });

  it('hears of another process what that says, its error too, for as long as it lives', async () => {
    const { kernel, process, said, say } = stage();
    const other = new Process(kernel, 'other#1');
    const fail = other.sleep(100).then(() => Promise.reject(new Error('throttled')));
    process.answerOf(fail, 50).catch((error: unknown) => say((error as Error).message)());
    void process.answerOf(other.sleep(300), 50).then(say('too late'));
    kernel.at(200, () => process.kill());

    await kernel.run(1_000, nothing);

    expect(said).toEqual(['throttled at 150']);
  });

  it('has its effect after the way there and its answer after the way back', async () => {
    const { kernel, process, said, say } = stage();
    const effect = (): number => {
      say('effect')();
      return 42;
    };
    void process.exchange(100, 50, effect).then((answer) => say(`answer ${answer}`)());

    await kernel.run(1_000, nothing);

    expect(said).toEqual(['effect at 100', 'answer 42 at 150']);
  });

  it('gets the error of what it asked for as its own', async () => {
    const { kernel, process, said, say } = stage();
    const fail = (): never => {
      throw new Error('throttled');
    };
    process.exchange(100, 50, fail).catch((error: unknown) => say((error as Error).message)());

    await kernel.run(1_000, nothing);

    expect(said).toEqual(['throttled at 150']);
  });

  /** A sleep, an exchange and another process's answer, one after the other: 300 ms of work. */
  async function work(process: Process, say: (what: string) => () => void): Promise<void> {
    await process.sleep(100);
    say('awake')();
    await process.exchange(50, 50, say('effect'));
    say('answered')();
    await process.answerOf(process.exchange(40, 0, say('asked')), 60);
    say('finished')();
  }

  const WHOLE = ['awake at 100', 'effect at 150', 'answered at 200', 'asked at 240', 'finished at 300'];

  it.each([
    [50, WHOLE.slice(0, 0)],
    // What was sent goes on: the effect comes, its answer does not.
    [120, WHOLE.slice(0, 2)],
    [170, WHOLE.slice(0, 2)],
    [220, WHOLE.slice(0, 4)],
    [260, WHOLE.slice(0, 4)],
    [400, WHOLE],
  ])('settles nothing after it was killed at %i ms, and what it sent still happens', async (killedAtMs, until) => {
    const { kernel, process, said, say } = stage();
    void work(process, say);
    kernel.at(killedAtMs, () => process.kill());

    await kernel.run(10_000, nothing);

    expect(said).toEqual(until);
  });

  it('begins nothing once it is dead, and tells of its death once', async () => {
    const { kernel, process, said, say } = stage();
    process.onDeath(say('death'));
    process.kill();
    process.kill();
    void process.sleep(1).then(say('slept'));
    void process.exchange(1, 1, say('effect')).then(say('answer'));
    void process.answerOf(Promise.resolve(), 1).then(say('answer of another'));

    await kernel.run(1_000, nothing);

    expect(said).toEqual(['death at 0']);
    expect(process.alive).toBe(false);
  });

  it('is late after a freeze with what came due meanwhile, and in time with the rest', async () => {
    const { kernel, process, said, say } = stage();
    void process.sleep(200).then(say('due in the freeze'));
    void process.sleep(5_000).then(say('due later'));
    kernel.at(100, () => process.freeze(3_000));

    await kernel.run(10_000, nothing);

    expect(said).toEqual(['due in the freeze at 3100', 'due later at 5000']);
  });

  it('is not frozen on the outside: what it sent before takes effect in time', async () => {
    const { kernel, process, said, say } = stage();
    void process.exchange(200, 10, say('effect')).then(say('answer'));
    kernel.at(205, () => process.freeze(3_000));

    await kernel.run(10_000, nothing);

    expect(said).toEqual(['effect at 200', 'answer at 3205']);
  });

  it('hears nothing while it is frozen: the answer to what was on its way waits, and what follows from it too', async () => {
    const { kernel, process, said, say } = stage();
    void process
      .exchange(200, 10, say('effect'))
      .then(say('answer'))
      .then(() => process.exchange(5, 5, say('next effect')));
    kernel.at(100, () => process.freeze(3_000));
    kernel.at(2_000, () => process.freeze(500));

    await kernel.run(10_000, nothing);

    expect(said).toEqual(['effect at 200', 'answer at 3100', 'next effect at 3105']);
  });

  it('is frozen until the longest freeze is over', async () => {
    const { kernel, process, said, say } = stage();
    void process.exchange(2_100, 10, say('effect')).then(say('answer'));
    kernel.at(100, () => process.freeze(3_000));
    kernel.at(2_000, () => process.freeze(500));

    await kernel.run(10_000, nothing);

    expect(said).toEqual(['effect at 2100', 'answer at 3100']);
  });

  it('has a wall clock that can be wrong and a monotonic one that cannot', async () => {
    const { kernel, process } = stage();
    process.wallOffsetMs = -5_000;

    await kernel.run(1_000, nothing);

    expect(process.wallMs()).toBe(EPOCH_MS + 1_000 - 5_000);
    expect(process.monotonicMs()).toBe(1_000);
  });

  it('ends when its time is over, also while it is frozen', async () => {
    const { kernel, process } = stage();
    let endedAtMs: number | null = null;
    process.onDeath(() => (endedAtMs = kernel.nowMs));
    process.endAfter(900);
    kernel.at(100, () => process.freeze(3_000));

    await kernel.run(10_000, nothing);

    expect([process.alive, endedAtMs]).toEqual([false, 900]);
  });

  it('has its end shifted with its age', async () => {
    const { kernel, process } = stage();
    let endedAtMs: number | null = null;
    process.onDeath(() => (endedAtMs = kernel.nowMs));
    process.endAfter(900);
    kernel.at(100, () => process.shiftSleepsBeyond(60, 500));

    await kernel.run(10_000, nothing);

    expect(endedAtMs).toBe(1_400);
  });

  it.each([
    [-4_000, 'long at 6000'],
    [4_000, 'long at 14000'],
  ])('shifts only its long sleeps: by %i', async (byMs, long) => {
    const { kernel, process, said, say } = stage();
    void process.sleep(500).then(say('short'));
    void process.sleep(10_000).then(say('long'));
    kernel.at(100, () => process.shiftSleepsBeyond(1_000, byMs));

    await kernel.run(20_000, nothing);

    expect(said).toEqual(['short at 500', long]);
  });
});

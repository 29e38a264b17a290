import { Kernel } from '../../lib/simulation/kernel/kernel';

const SECOND_MS = 1_000;
const nothing = (): void => undefined;

describe('the kernel of virtual time', () => {
  it('does what is due in the order of time', async () => {
    const kernel = new Kernel();
    const done: string[] = [];
    for (const atMs of [300, 100, 500, 200, 400]) kernel.at(atMs, () => done.push(`${kernel.nowMs}`));

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual(['100', '200', '300', '400', '500']);
  });

  it('does what is due in one instant in the order in which it was asked for', async () => {
    const kernel = new Kernel();
    const done: number[] = [];
    for (let asked = 0; asked < 50; asked += 1) kernel.at(100, () => done.push(asked));

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual(Array.from({ length: 50 }, (_, asked) => asked));
  });

  it('lets everything run that can before the next instant', async () => {
    const kernel = new Kernel();
    const done: string[] = [];
    kernel.at(100, () => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => done.push('what followed'));
    });
    kernel.at(101, () => done.push('the next instant'));

    await kernel.run(SECOND_MS, () => done.push('settled'));

    expect(done).toEqual(['what followed', 'settled', 'the next instant', 'settled']);
  });

  it('does at once what is asked for in the past, and nothing that was cancelled', async () => {
    const kernel = new Kernel();
    const done: string[] = [];
    const cancelled = kernel.at(200, () => done.push('cancelled'));
    kernel.at(100, () => {
      kernel.cancel(cancelled);
      kernel.at(50, () => done.push(`late, at ${kernel.nowMs}`));
    });

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual(['late, at 100']);
  });

  it('does what is asked for in the past behind what was asked for before', async () => {
    const kernel = new Kernel();
    const done: string[] = [];
    kernel.at(100, () => kernel.at(50, () => done.push('the past')));
    kernel.at(100, () => done.push('asked before'));

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual(['asked before', 'the past']);
  });

  it('counts a delay from now, and does nothing before it is due', async () => {
    const kernel = new Kernel();
    const done: number[] = [];
    const note = (): void => void done.push(kernel.nowMs);
    kernel.at(100, () => [50, 0.4, -20].forEach((delayMs) => kernel.after(delayMs, note)));

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual([100, 101, 150]);
  });

  it('does all that is due in one instant in that one', async () => {
    const kernel = new Kernel();
    const done: string[] = [];
    kernel.at(100, () => void Promise.resolve().then(() => done.push('what followed')));
    kernel.at(100, () => done.push('the same instant'));

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual(['the same instant', 'what followed']);
    expect(kernel.instants).toBe(1);
  });

  it('begins with what is ready', async () => {
    const kernel = new Kernel();
    const done: number[] = [];
    void Promise.resolve().then(() => kernel.at(100, () => done.push(kernel.nowMs)));

    await kernel.run(SECOND_MS, nothing);

    expect(done).toEqual([100]);
  });

  it('brings dates nearer when time is skipped, and leaves the rhythm of processes alone', async () => {
    const kernel = new Kernel();
    const done: string[] = [];
    const note = (what: string) => () => done.push(`${what} at ${kernel.nowMs}, ${kernel.elapsedMs} of the run`);
    kernel.onDate(10_000, note('the date'));
    kernel.at(3_000, note('the process'));
    kernel.at(1_000, () => kernel.skip(8_000));

    await kernel.run(20_000, nothing);

    expect(done).toEqual(['the date at 2000, 10000 of the run', 'the process at 3000, 11000 of the run']);
    expect(kernel.skippedMs).toBe(8_000);
  });

  it('counts a date that is set after a skip from the beginning of the run', async () => {
    const kernel = new Kernel();
    let metAtMs: number | null = null;
    kernel.at(1_000, () => {
      kernel.skip(8_000);
      kernel.onDate(10_000, () => {
        metAtMs = kernel.elapsedMs;
      });
    });

    await kernel.run(20_000, nothing);

    expect(metAtMs).toBe(10_000);
  });

  it('knows the next date, and forgets one that was cancelled', () => {
    const kernel = new Kernel();
    kernel.at(1_000, nothing);
    kernel.onDate(3_000, nothing);
    const first = kernel.onDate(2_000, nothing);
    expect(kernel.nextDatedMs()).toBe(2_000);

    kernel.cancel(first);

    expect(kernel.nextDatedMs()).toBe(3_000);
  });

  it('tells by how much was skipped, once to each who asked', () => {
    const kernel = new Kernel();
    const told: string[] = [];
    kernel.onSkip((byMs) => told.push(`one ${byMs}`));
    kernel.onSkip((byMs) => told.push(`other ${byMs}`));

    kernel.skip(8_000);

    expect(told).toEqual(['one 8000', 'other 8000']);
    kernel.skip(1_000);
    expect(kernel.skippedMs).toBe(9_000);
  });

  it('ends where it is told to, with the rest undone', async () => {
    const kernel = new Kernel();
    const done: number[] = [];
    for (const atMs of [100, 200, 300]) kernel.at(atMs, () => done.push(atMs));

    await kernel.run(SECOND_MS, nothing, () => done.length === 2);

    expect(done).toEqual([100, 200]);
    expect(kernel.nowMs).toBe(200);
  });

  it.each([
    [200, [100, 200], 200],
    [350, [100, 200, 300], 350],
    [Infinity, [100, 200, 300], 300],
  ])('lives until %d, and does what is due then', async (untilMs, due, nowMs) => {
    const kernel = new Kernel();
    const done: number[] = [];
    for (const atMs of [100, 200, 300]) kernel.at(atMs, () => done.push(atMs));

    await kernel.run(untilMs, nothing);

    expect(done).toEqual(due);
    expect(kernel.nowMs).toBe(nowMs);
  });
});

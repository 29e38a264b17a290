/** The simulated EC2: machines that take their time, reads that may be old, and state changes told best effort. */
import { OutsideRefused } from '../../../lib/domain/errors';
import { Dice } from '../../../lib/simulation/kernel/random';
import { PAIR } from '../../../lib/simulation/scenario';
import { elasticIpsOf, instancesOf } from '../../../lib/simulation/world/cluster';
import { Ec2, STOP_MS, type SimInstance } from '../../../lib/simulation/world/ec2';
import { Weather } from '../../../lib/simulation/world/weather';
import { pair } from '../scenarios';
import { stage } from './lone';

const [FIRST, SECOND, THIRD] = ['10.0.0.11', '10.0.1.11', '10.0.0.12'] as const;
const STALE_MS = 5_000;
const MINUTE_MS = 60_000;

function ec2Stage(stopMs: readonly [number, number] = STOP_MS) {
  const { kernel, process, ended } = stage();
  const turns: string[] = [];
  const events: { state: SimInstance['state']; lateMs: number }[] = [];
  const ec2 = new Ec2(
    kernel,
    new Dice(1, 'ec2'),
    new Weather(new Dice(1, 'weather')),
    {
      powerOff: (nodeId) => void turns.push(`${nodeId} off at ${kernel.nowMs}`),
      powerOn: (nodeId) => void turns.push(`${nodeId} on at ${kernel.nowMs}`),
    },
    stopMs,
  );
  for (const each of instancesOf(pair({ shape: PAIR }))) ec2.instances.set(each.instanceId, each);
  for (const each of elasticIpsOf(pair({ shape: PAIR }))) ec2.elasticIps.set(each.allocationId, each);
  ec2.onStateChange = ({ state }, lateMs) => void events.push({ state, lateMs });
  ec2.associateByHand('eipalloc-1', 'fs-1', FIRST);
  const addresses = ec2.addressesSeenBy(process, 'us');
  const answer = async <T>(ask: () => Promise<T>): Promise<T | undefined> => (await ended(ask))?.answer;
  const read = async (): Promise<string | null | undefined> =>
    (await answer(() => addresses.read('eipalloc-1')))?.association?.privateAddress;
  const live = (ms: number): Promise<void> => kernel.run(kernel.nowMs + ms, () => undefined);
  return { kernel, process, ended, ec2, addresses, answer, read, live, turns, events };
}

describe('a read of an address', () => {
  it('shows what is, while EC2 is up to date', async () => {
    const { ec2, read } = ec2Stage();
    expect(await read()).toBe(FIRST);

    ec2.associateByHand('eipalloc-1', 'fs-2', SECOND);

    expect(await read()).toBe(SECOND);
  });

  /** How long after a change it was still hidden, as often as it was tried. */
  async function hiddenForMs(hides: (stage: ReturnType<typeof ec2Stage>, before: string) => Promise<boolean>) {
    const made = ec2Stage();
    const { ec2, kernel, live } = made;
    ec2.staleForMs = STALE_MS;
    const times: number[] = [];
    for (let time = 0; time < 20; time += 1) {
      const [before, node, now] = time % 2 === 0 ? [FIRST, 'fs-2', SECOND] : [SECOND, 'fs-1', FIRST];
      ec2.associateByHand('eipalloc-1', node, now);
      const changedAtMs = kernel.nowMs;
      let lastMs = 0;
      while (kernel.nowMs < changedAtMs + STALE_MS + 1_000) {
        const askedAtMs = kernel.nowMs;
        if (await hides(made, before)) lastMs = askedAtMs - changedAtMs;
        await live(100);
      }
      times.push(lastMs);
    }
    return times;
  }

  it.each<[string, (stage: ReturnType<typeof ec2Stage>, before: string) => Promise<boolean>]>([
    ['of the address', async ({ read }, before) => (await read()) === before],
    [
      'by its place',
      async ({ answer, addresses }, before) =>
        (await answer(() => addresses.readByPrivateAddress(before === FIRST ? 'eni-1' : 'eni-2', before))) !== null,
    ],
  ])('is old for a while after a change where reads are stale, and not for longer: %s', async (_words, hides) => {
    const times = await hiddenForMs(hides);

    expect(Math.max(...times)).toBeGreaterThan(STALE_MS / 2);
    expect(Math.max(...times)).toBeLessThanOrEqual(STALE_MS);
    expect(Math.min(...times)).toBeLessThan(STALE_MS / 2);
  });

  it('is of a change that was made while reads were stale: of a later one it is not', async () => {
    const { ec2, read } = ec2Stage();
    ec2.staleForMs = STALE_MS;
    ec2.associateByHand('eipalloc-1', 'fs-2', SECOND);
    ec2.staleForMs = 0;

    ec2.associateByHand('eipalloc-1', 'fs-1', THIRD);

    expect(await read()).toBe(THIRD);
  });

  it('misleads readers alone: what is asked for is done to what is', async () => {
    const { ec2, addresses, answer, read } = ec2Stage();
    ec2.staleForMs = 100 * STALE_MS;
    const { associationId } = (await answer(() => addresses.read('eipalloc-1')))!.association!;
    const place = { allocationId: 'eipalloc-1', networkInterfaceId: 'eni-2', privateAddress: SECOND };

    expect(await answer(() => addresses.attach(place))).toBe('taken');
    expect(await answer(() => addresses.detach(associationId))).toBe('detached');
    expect(await read()).toBe(FIRST);
    expect(await answer(() => addresses.detach(associationId))).toBe('already-gone');
    expect(await answer(() => addresses.attach(place))).toBe('attached');

    expect(ec2.elasticIps.get('eipalloc-1')?.association?.privateAddress).toBe(SECOND);
  });
});

describe('an instance', () => {
  const stateOf = (ec2: Ec2) => ec2.instanceOf('fs-1').state;

  it('stops in its time, and its machine is off before that', async () => {
    const { ec2, live, turns } = ec2Stage([100_000, 100_000]);

    ec2.stop(ec2.instanceOf('fs-1'));

    expect([stateOf(ec2), turns]).toEqual(['stopping', []]);
    await live(99_999);
    expect([stateOf(ec2), turns]).toEqual(['stopping', ['fs-1 off at 30000']]);
    await live(1);
    expect(stateOf(ec2)).toBe('stopped');
  });

  it('stops within one to four minutes, and starts within some seconds', async () => {
    const { ec2, live, turns, kernel } = ec2Stage();
    ec2.stop(ec2.instanceOf('fs-1'));
    await live(MINUTE_MS - 1);
    expect(stateOf(ec2)).toBe('stopping');
    await live(3 * MINUTE_MS + 1);
    expect(stateOf(ec2)).toBe('stopped');
    const startedAtMs = kernel.nowMs;

    ec2.start(ec2.instanceOf('fs-1'));

    await live(14_999);
    expect(stateOf(ec2)).toBe('pending');
    await live(25_001);
    expect(stateOf(ec2)).toBe('running');
    const onAtMs = Number(/^fs-1 on at (\d+)$/.exec(turns.at(-1) ?? '')?.[1]);
    expect(onAtMs - startedAtMs).toBeGreaterThanOrEqual(15_000);
    expect(onAtMs - startedAtMs).toBeLessThanOrEqual(40_000);
  });

  it('is not started while it stops, nor stopped while it starts', async () => {
    const { ec2, ended, live, process } = ec2Stage([10_000, 10_000]);
    const instances = ec2.instancesSeenBy(process);
    await ended(() => instances.forceStop('i-1'));
    expect((await ended(() => instances.start('i-1')))?.error).toBeInstanceOf(OutsideRefused);
    await live(11_000);

    await ended(() => instances.start('i-1'));
    expect((await ended(() => instances.forceStop('i-1')))?.error).toBeInstanceOf(OutsideRefused);
    await live(41_000);

    expect(stateOf(ec2)).toBe('running');
  });
});

describe('the events of instances', () => {
  it('are told of each change, mostly within two seconds, some late, and a few never', async () => {
    const { ec2, events, live } = ec2Stage([1_000, 1_000]);
    const rounds = 250;

    for (let round = 0; round < rounds; round += 1) {
      ec2.stop(ec2.instanceOf('fs-1'));
      await live(1_000);
      ec2.start(ec2.instanceOf('fs-1'));
      await live(40_000);
    }

    const lost = 4 * rounds - events.length;
    const late = events.filter(({ lateMs }) => lateMs === 30_000).length;
    const soon = events.filter(({ lateMs }) => lateMs >= 200 && lateMs <= 2_000).length;
    expect(lost / (4 * rounds)).toBeCloseTo(0.02, 1);
    expect(lost).toBeGreaterThan(5);
    expect(late + soon).toBe(events.length);
    expect(late / events.length).toBeCloseTo(0.1, 1);
    expect(late).toBeGreaterThan(50);
    expect(new Set(events.map(({ state }) => state))).toEqual(new Set(['stopping', 'stopped', 'pending', 'running']));
  });
});

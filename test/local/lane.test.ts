import { claimLane, emulatorRanges, hostOf, laneAt, nameIn, type ClaimedLane } from '../../local/lane';

const said: string[] = [];
let claimed: ClaimedLane[] = [];

async function claim(): Promise<ClaimedLane> {
  const lane = await claimLane((line) => said.push(line));
  claimed.push(lane);
  return lane;
}

afterEach(() => {
  for (const lane of claimed) lane.release();
  claimed = [];
  said.length = 0;
});

describe('a lane of loopback addresses', () => {
  it("is nobody else's while it is claimed, and the second run says where it lives", async () => {
    const one = await claim();
    said.length = 0;

    const other = await claim();

    expect(other.number).toBeGreaterThan(one.number);
    expect(said).toEqual([expect.stringContaining(other.network)]);
  });

  it('is free again when it was released, also twice', async () => {
    const one = await claim();
    one.release();
    one.release();

    // Another process may live in a lower lane, and may end at any time.
    expect((await claim()).number).toBeLessThanOrEqual(one.number);
  });

  it('shares no range with another', () => {
    const lanes = Array.from({ length: 16 }, (_, number) => laneAt(number));

    const ranges = lanes.flatMap(({ network, elasticIps, outside }) => [network, elasticIps, outside]);

    expect(new Set(ranges).size).toBe(3 * 16);
    expect(ranges.every((range) => /^127\.\d+\.0\.0\/16$/.test(range))).toBe(true);
  });

  it('has the addresses, and the folder, that the documentation shows where it is the first', () => {
    const first = laneAt(0);

    expect(emulatorRanges(first)).toEqual({
      EC2_ELASTIC_IP_POOL: '127.65.0.0/16',
      EC2_PUBLIC_IP_POOL: '127.66.0.0/16',
    });
    expect(first.network).toBe('127.64.0.0/16');
    expect(nameIn(first, 'demo')).toBe('demo');
    expect(nameIn(laneAt(1), 'demo')).toBe('demo-2');
    expect(hostOf(laneAt(1).network, '10.0/24')).toBe('127.67.10.0/24');
  });
});

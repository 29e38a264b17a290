import { GapMeter } from '../../../../local/real/ua/gaps';

const withPackets = (...timesMs: number[]): GapMeter => {
  const meter = new GapMeter();
  for (const atMs of timesMs) meter.packet(atMs);
  return meter;
};

describe('the longest silence of a stream', () => {
  it('is between two packets', () => {
    const seen = withPackets(0, 20, 40, 640, 660).read(670);
    expect(seen).toEqual({ longestGapMs: 600, gapBeganAtMs: 40, silentForMs: 10 });
  });

  it('is the one that goes on, when that one is longer', () => {
    expect(withPackets(0, 20, 120).read(1_120)).toEqual({ longestGapMs: 1_000, gapBeganAtMs: 120, silentForMs: 1_000 });
  });

  it('is not known where no packet ever came', () => {
    expect(withPackets().read(5)).toEqual({ longestGapMs: null, gapBeganAtMs: null, silentForMs: null });
  });

  it('counts from its true beginning when the measurement began in the middle of it', () => {
    const meter = withPackets(0, 900, 920);
    meter.mark();
    meter.packet(1_420);
    expect(meter.read(1_430).longestGapMs).toBe(500);
  });
});

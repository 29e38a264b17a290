import { ZONES } from '../../../support/cluster';
import { Rig } from '../rig';

describe('the same seed', () => {
  it('gives the same run', async () => {
    const run = async (seed: number): Promise<string> => {
      const rig = new Rig({ seed });
      for (const zone of ZONES) rig.start(zone);
      await rig.clock.advance(5_000);
      rig.node('fs-a').kill();
      await rig.clock.advance(3_000);
      return JSON.stringify([[...rig.store.observations], rig.counted, rig.told]);
    };

    expect(await run(7)).toBe(await run(7));
  });
});

import { whyTooLittle } from '../../../local/simulate/covered';
import { EDGE_IDS } from '../../../lib/domain/state-machine';

const WHOLE = { ends: { wanted: 1_000, met: 990 }, edgesMissed: ['vip/held/incarnation-learned'] };

describe('an exploration of all states', () => {
  it('may miss what no single fault brings, and a few of the ends', () => {
    expect(whyTooLittle(WHOLE)).toEqual([]);
  });

  it.each([
    EDGE_IDS.find((id) => id.startsWith('vip/moving/')) ?? '',
    // A table that is restored while its VIP is held, from before it was.
    'vip/held/epoch-adopted',
  ])('says too little where another edge is never taken: %s', (edge) => {
    expect(whyTooLittle({ ...WHOLE, edgesMissed: ['vip/held/incarnation-learned', edge] })).toEqual([
      `no case took ${edge}`,
    ]);
  });

  it('says too little where the failover function seldom ends where it should', () => {
    expect(whyTooLittle({ ...WHOLE, ends: { wanted: 1_000, met: 989 } })).toEqual([
      'the failover function ended in 989 of the 1000 cases that end it',
    ]);
  });
});

/** How the functions of several zones share one order, and which of them is asked first after a way was found shut. */
import { OutsideTimeout } from '../../lib/domain/errors';
import type { NodeTopology } from '../../lib/domain/model';
import type { DemoteResult, RecoverResult } from '../../lib/domain/node-control';
import {
  FROM_OUTSIDE,
  IN_TURNS,
  Inquiry,
  oneAtATime,
  ShutWays,
  zonesToAsk,
  type Turns,
} from '../../lib/domain/node-control-turns';
import { aTopology } from '../support/store-fixtures';

const IN_Z2: NodeTopology = aTopology().nodes[1]!;
const TIMEOUT_MS = 10_000;
const SHUT_FOR_MS = 60_000;

const DONE: DemoteResult = { demoted: true, proof: '503' };
const NO: DemoteResult = { demoted: false, reason: 'it serves' };
const unreachedFrom = (zone: string): DemoteResult => ({ demoted: false, reason: `from ${zone}`, unreached: true });

class Failed extends Error {}

type Fate = 'does it' | 'says no' | 'gets nowhere' | 'fails' | 'is silent';

/** The functions of three zones, by a clock that only they move; one of which nothing is said does what it is told. */
class Zones {
  nowMs = 0;
  tookMs = 0;
  asked: { zone: string; shareMs: number }[] = [];
  private readonly ways = new ShutWays();

  constructor(private readonly zones: readonly string[] = ['z1', 'z2', 'z3']) {}

  /** The zones that were asked, in turn. */
  get turns(): string[] {
    return this.asked.map(({ zone }) => zone);
  }

  demote(
    fates: Record<string, Fate> = {},
    {
      node = IN_Z2,
      turns = IN_TURNS,
      timeoutMs = TIMEOUT_MS,
    }: { node?: NodeTopology; turns?: Turns; timeoutMs?: number } = {},
  ): DemoteResult {
    this.asked = [];
    const order = { action: 'demote', node, timeoutMs };
    const inquiry = new Inquiry<DemoteResult>(order, this.zones, turns, this.ways, this.nowMs);
    for (let turn = inquiry.next(this.nowMs); turn !== null; turn = inquiry.next(this.nowMs)) {
      const { zone, shareMs } = turn;
      if (this.asked.length > this.zones.length) throw new Error(`asked without end: ${this.turns.join(', ')}`);
      try {
        inquiry.answered(zone, this.invoke(zone, shareMs, fates[zone] ?? 'does it'), this.nowMs);
      } catch (error) {
        inquiry.failed(zone, error, this.nowMs);
      }
    }
    return inquiry.outcome();
  }

  private invoke(zone: string, shareMs: number, fate: Fate): DemoteResult {
    this.asked.push({ zone, shareMs });
    this.nowMs += fate === 'is silent' ? shareMs : this.tookMs;
    switch (fate) {
      case 'does it':
        return DONE;
      case 'says no':
        return NO;
      case 'gets nowhere':
        return unreachedFrom(zone);
      case 'fails':
        throw new Failed(`the function in ${zone} failed`);
      case 'is silent':
        throw new OutsideTimeout(`the function in ${zone} said nothing`);
    }
  }
}

describe('an order whose function got no answer', () => {
  it('is given to the next zone, with what time is left', () => {
    const zones = new Zones();
    zones.tookMs = 1_000;

    expect(zones.demote({ z2: 'gets nowhere' })).toEqual(DONE);

    expect(zones.asked).toEqual([
      { zone: 'z2', shareMs: 0.6 * TIMEOUT_MS },
      { zone: 'z1', shareMs: TIMEOUT_MS - 1_000 },
    ]);
  });

  it('got none anywhere, where the last zone that was asked says the same', () => {
    const zones = new Zones();

    expect(zones.demote({ z2: 'gets nowhere', z1: 'gets nowhere' })).toEqual(unreachedFrom('z2'));

    expect(zones.turns).toEqual(['z2', 'z1']);
  });

  it.each<Fate>(['fails', 'is silent'])('got none where the function before %s', (fate) => {
    expect(new Zones().demote({ z2: fate, z1: 'gets nowhere' })).toEqual(unreachedFrom('z1'));
  });

  it('got none where there is no other zone', () => {
    expect(new Zones(['z2']).demote({ z2: 'gets nowhere' })).toEqual(unreachedFrom('z2'));
  });

  it.each([
    ['none', 0, ['z2']],
    ['less than an invocation takes', 499, ['z2']],
    ['as much as that', 500, ['z2', 'z1']],
  ])('asks the next zone only where time is left for its answer: %s', (_words, leftMs, asked) => {
    const zones = new Zones();
    zones.tookMs = TIMEOUT_MS - leftMs;

    const answer = zones.demote({ z2: 'gets nowhere', z1: 'gets nowhere' });

    expect(answer).toEqual(unreachedFrom('z2'));
    expect(zones.turns).toEqual(asked);
  });

  it('is given to nobody else once the time is over', () => {
    const zones = new Zones();
    zones.tookMs = TIMEOUT_MS;

    expect(() => zones.demote({ z2: 'fails' })).toThrow(OutsideTimeout);

    expect(zones.turns).toEqual(['z2']);
  });

  it('is given to the first zone however little time there is', () => {
    expect(new Zones().demote({}, { timeoutMs: 100 })).toEqual(DONE);
  });

  it.each<Fate>(['fails', 'is silent'])(
    'got none though the next one %s: that nothing is proved is all it says',
    (fate) => {
      expect(new Zones().demote({ z2: 'gets nowhere', z1: fate })).toEqual(unreachedFrom('z2'));
    },
  );

  it('may have been carried out where each function failed, and all are named', () => {
    expect(() => new Zones().demote({ z2: 'is silent', z1: 'fails' })).toThrow(
      /demote fs-b: z2: OutsideTimeout: .* said nothing; z1: Error: the function in z1 failed/,
    );
  });

  it.each<[Fate, DemoteResult]>([
    ['does it', DONE],
    ['says no', NO],
  ])('is given to nobody else where the first %s', (fate, answer) => {
    const zones = new Zones();

    expect(zones.demote({ z2: fate })).toEqual(answer);

    expect(zones.turns).toEqual(['z2']);
  });
});

describe('a zone from which a node was not reached', () => {
  const ownWayShut = (zoneIds?: readonly string[]): Zones => {
    const zones = new Zones(zoneIds);
    zones.demote({ z2: 'gets nowhere' });
    return zones;
  };

  it('is not asked before the others', () => {
    const zones = ownWayShut();

    zones.demote();

    expect(zones.turns).toEqual(['z1']);
  });

  it('is asked after the only other one', () => {
    const zones = ownWayShut(['z1', 'z2']);

    expect(zones.demote({ z1: 'fails' })).toEqual(DONE);

    expect(zones.turns).toEqual(['z1', 'z2']);
  });

  it('is not asked at all while there are two others', () => {
    const zones = ownWayShut();

    zones.demote({ z1: 'fails' });

    expect(zones.turns).toEqual(['z1', 'z3']);
  });

  it.each([
    ['last until then', SHUT_FOR_MS - 1, 'z1'],
    ['first from then on', SHUT_FOR_MS, 'z2'],
  ])('is asked %s: a minute after it said so', (_words, laterMs, first) => {
    const zones = new Zones();
    zones.tookMs = 1_000;
    zones.demote({ z2: 'gets nowhere' });
    zones.nowMs = 1_000 + laterMs;

    zones.demote();

    expect(zones.turns).toEqual([first]);
  });

  it('is not asked first again because others were asked meanwhile', () => {
    const zones = ownWayShut();
    zones.demote();

    zones.demote();

    expect(zones.turns).toEqual(['z1']);
  });

  it('is asked first for other nodes', () => {
    const zones = ownWayShut();

    zones.demote({}, { node: { ...IN_Z2, id: 'fs-e' } });

    expect(zones.turns).toEqual(['z2']);
  });

  it('is asked before one that was not since, once it answered', () => {
    const zones = new Zones(['z1', 'z3']);
    zones.demote({ z1: 'gets nowhere', z3: 'gets nowhere' });
    zones.demote({ z1: 'gets nowhere' });

    zones.demote();

    expect(zones.turns).toEqual(['z3']);
  });

  it.each<Fate>(['does it', 'says no'])('is asked first again once it answered: it %s', (fate) => {
    const zones = ownWayShut(['z1', 'z2']);
    zones.demote({ z1: 'gets nowhere', z2: fate });

    zones.demote();

    expect(zones.turns).toEqual(['z2']);
  });

  it('is asked first where the ways from all zones are shut, and it is the own one', () => {
    const zones = new Zones(['z1', 'z2']);
    zones.demote({ z2: 'gets nowhere', z1: 'gets nowhere' });

    zones.demote({ z2: 'fails' });

    expect(zones.turns).toEqual(['z2', 'z1']);
  });
});

describe.each<Fate>(['fails', 'is silent'])('a zone whose function %s', (fate) => {
  const ownFunctionGone = (): Zones => {
    const zones = new Zones(['z1', 'z2']);
    zones.demote({ z2: fate });
    return zones;
  };

  it.each([
    ['the node', IN_Z2],
    ['another one', { ...IN_Z2, id: 'fs-e' }],
  ])('is not asked about %s before the others', (_words, node) => {
    const zones = ownFunctionGone();

    zones.demote({}, { node });

    expect(zones.turns).toEqual(['z1']);
  });

  it.each<Fate>(['does it', 'gets nowhere'])('is asked first again once it answered: it %s', (said) => {
    const zones = ownFunctionGone();
    zones.demote({ z1: 'gets nowhere', z2: said });

    zones.demote({}, { node: { ...IN_Z2, id: 'fs-e' } });

    expect(zones.turns).toEqual(['z2']);
  });
});

it('a zone whose database is away is asked last: the order is not given elsewhere at once, for callers wait', () => {
  const ways = new ShutWays();
  const away: RecoverResult = { recovered: false, away: true, before: null, reason: 'away' };
  const recover = (): { answer: RecoverResult; asked: string | undefined } => {
    const order = { action: 'recover', node: IN_Z2, timeoutMs: TIMEOUT_MS };
    const inquiry = new Inquiry<RecoverResult>(
      order,
      ['z1', 'z2'],
      oneAtATime(() => false),
      ways,
      0,
    );
    const asked = inquiry.next(0)?.zone;
    inquiry.answered(asked ?? '', away, 0);
    return { answer: inquiry.outcome(), asked };
  };

  expect(recover()).toEqual({ answer: away, asked: 'z2' });
  expect(recover().asked).toBe('z1');
});

describe('an order that is given from outside', () => {
  it('is given by the functions of other zones', () => {
    const zones = new Zones();

    zones.demote({ z1: 'gets nowhere', z3: 'gets nowhere' }, { turns: FROM_OUTSIDE });

    expect(zones.turns).toEqual(['z1', 'z3']);
  });

  it('is given by the own one where there is but one other', () => {
    const zones = new Zones(['z1', 'z2']);

    expect(zones.demote({ z1: 'fails' }, { turns: FROM_OUTSIDE })).toEqual(DONE);

    expect(zones.turns).toEqual(['z1', 'z2']);
  });

  it('is not given by the own one where the other got no answer: what it sees, nobody else does', () => {
    const zones = new Zones(['z1', 'z2']);

    expect(zones.demote({ z1: 'gets nowhere' }, { turns: FROM_OUTSIDE })).toEqual(unreachedFrom('z1'));

    expect(zones.turns).toEqual(['z1']);
  });

  it('is given by the own one where there is no other', () => {
    expect(new Zones(['z2']).demote({}, { turns: FROM_OUTSIDE })).toEqual(DONE);
  });
});

describe('an order that must not be at work twice', () => {
  const turns = oneAtATime((failure) => failure instanceof Failed);

  it('is given to the next zone where the first got no answer: nothing was begun', () => {
    const zones = new Zones();
    zones.tookMs = 3_000;

    expect(zones.demote({ z2: 'gets nowhere' }, { turns })).toEqual(DONE);

    expect(zones.asked).toEqual([
      { zone: 'z2', shareMs: TIMEOUT_MS },
      { zone: 'z1', shareMs: TIMEOUT_MS - 3_000 },
    ]);
  });

  it('is given to the next zone where the first has ended', () => {
    const zones = new Zones();

    expect(zones.demote({ z2: 'fails' }, { turns })).toEqual(DONE);

    expect(zones.turns).toEqual(['z2', 'z1']);
  });

  it('is answered no with a word on the first, which may have begun it', () => {
    expect(new Zones().demote({ z2: 'fails', z1: 'gets nowhere' }, { turns })).toMatchObject({ unheard: true });
    expect(new Zones().demote({ z2: 'gets nowhere', z1: 'fails' }, { turns })).toMatchObject({ unheard: true });
    expect(new Zones().demote({ z2: 'gets nowhere', z1: 'gets nowhere' }, { turns })).not.toHaveProperty('unheard');
  });

  it('is given to nobody else where the first is silent, however much time is left', () => {
    const zones = new Zones();
    const givenUpEarly: Turns = { ...turns, firstShare: 0.5 };

    expect(() => zones.demote({ z2: 'is silent' }, { turns: givenUpEarly })).toThrow(OutsideTimeout);

    expect(zones.turns).toEqual(['z2']);
  });
});

describe('the zones to ask', () => {
  it.each<[string, string, Turns['ownZone'], string[], string[]]>([
    ['the own one first', 'z3', 'first', [], ['z3', 'z1']],
    ['a shut one last', 'z3', 'first', ['z3'], ['z1', 'z2']],
    ['shut ones last, in their order', 'z3', 'first', ['z3', 'z1'], ['z2', 'z3']],
    ['as ever where all are shut', 'z3', 'first', ['z1', 'z2', 'z3'], ['z3', 'z1']],
    ['another shut one last', 'z3', 'first', ['z1'], ['z3', 'z2']],
    ['in their order where none is its own', 'z9', 'first', [], ['z1', 'z2']],
    ['a shut one last where none is its own', 'z9', 'first', ['z1'], ['z2', 'z3']],
    ['others before the own one', 'z1', 'last', [], ['z2', 'z3']],
    ['another that is shut before the own one', 'z1', 'last', ['z2'], ['z3', 'z2']],
    ['others before the own one though all are shut', 'z1', 'last', ['z2', 'z3'], ['z2', 'z3']],
  ])('are two, %s', (_words, zone, is, shut, zones) => {
    expect(zonesToAsk({ zone, is }, ['z2', 'z3', 'z1'], (each) => shut.includes(each))).toEqual(zones);
  });

  it('are fewer where there are no more', () => {
    expect(zonesToAsk({ zone: 'z1', is: 'last' }, ['z1'])).toEqual(['z1']);
    expect(zonesToAsk({ zone: 'z1', is: 'first' }, [])).toEqual([]);
  });
});

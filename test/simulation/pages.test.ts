/** Pages say what is so, and none is lost. */
import type { StoredIncident } from '../../lib/domain/model';
import type { PageMessage } from '../../lib/domain/ports';
import { IncidentBook } from '../../lib/simulation/incident-book';
import { LOST_PAGE_INVARIANT, SERVED_PAGE_INVARIANT } from '../../lib/simulation/invariants/pages';
import { Process } from '../../lib/simulation/kernel/process';
import { Watcher } from '../../lib/simulation/watcher';
import type { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, worldAfter } from './scenarios';

const SETTLED_MS = 45_000;
const VIP = 'vip-1';

function page(served: string, kind = 'failover', vip = VIP): PageMessage {
  return { subject: `sim ${kind} ${vip}`, body: '', attributes: { kind, cluster: 'sim', vip, served } };
}

describe('a page that says that callers are served', () => {
  const told = (served: string, forMs: number): string | null =>
    SERVED_PAGE_INVARIANT.broken(page(served), (vipId) => (vipId === VIP ? forMs : 0));

  it('is right where they are, or were when it was read back', () => {
    expect([told('yes', 0), told('yes', 15_000)]).toEqual([null, null]);
    expect(told('yes', 15_001)).toBe('"sim failover vip-1", and nobody has served them for 15001 ms');
  });

  it.each(['no', 'not-known-yet', 'not-known'])('is none that says %s', (served) => {
    expect(told(served, MINUTE_MS)).toBeNull();
  });

  it('is held against the truth in the moment in which it goes out', async () => {
    const world = await worldAfter(SETTLED_MS);
    const watcher = new Watcher(world);
    watcher.instant();
    world.listener.paged(page('yes'));
    expect(watcher.violations).toEqual([]);

    world.switchOf('fs-1').setPaused(true);
    watcher.instant();
    world.kernel.skip(MINUTE_MS);
    world.listener.paged(page('yes'));

    expect(watcher.violations.map(({ detail }) => detail)).toEqual([
      '"sim failover vip-1", and nobody has served them for 60000 ms',
    ]);
  });
});

describe('an incident that was cleared', () => {
  const INCIDENT: StoredIncident = {
    ...{ kind: 'sip-stuck', vipId: VIP, nodeId: null, epoch: 1, reasons: [], atMs: 1_000, notifiedAtMs: null },
    ...{ overAtMs: null, untoldSinceMs: null },
  };
  const KEY = 'sip-stuck#vip-1';

  function stage(): { world: Pick<World, 'table' | 'kernel'>; book: IncidentBook; pass: (ms: number) => void } {
    const incidents = new Map<string, StoredIncident>([[KEY, { ...INCIDENT }]]);
    const kernel = { elapsedMs: 0 };
    const world = { table: { incidents }, kernel } as unknown as World;
    const book = new IncidentBook(world);
    book.tableChanged();
    return { world, book, pass: (ms) => (kernel.elapsedMs += ms) };
  }
  const cleared = ({ world, book }: ReturnType<typeof stage>): string[] => {
    world.table.incidents.delete(KEY);
    return book.tableChanged();
  };

  it('is a lost page where it lasted for longer than telling takes: a turn of the schedule, and all that it does before', () => {
    expect(LOST_PAGE_INVARIANT.broken(KEY, 3 * MINUTE_MS)).toBeNull();
    expect(LOST_PAGE_INVARIANT.broken(KEY, 3 * MINUTE_MS + 1)).toContain('nobody was told');
  });

  it('is one where nobody was told of it', () => {
    const it = stage();
    it.pass(4 * MINUTE_MS);
    expect(it.book.tableChanged()).toEqual([]);

    expect(cleared(it)).toEqual([`${KEY} was cleared after ${4 * MINUTE_MS} ms, and nobody was told`]);
    expect(it.book.tableChanged()).toEqual([]);
  });

  it('is none where it was over before anybody could have been told', () => {
    const it = stage();
    it.pass(2 * MINUTE_MS);

    expect(cleared(it)).toEqual([]);
  });

  it.each([
    ['marked as told', ({ world }) => (world.table.incidents.get(KEY)!.notifiedAtMs = 2_000)],
    ['paged, whatever became of the mark', ({ book }) => book.paged(page('not-known', 'sip-stuck'))],
  ] as [string, (it: ReturnType<typeof stage>) => void][])('is none where it was %s', (_words, tell) => {
    const it = stage();
    tell(it);
    it.book.tableChanged();
    it.pass(4 * MINUTE_MS);

    expect(cleared(it)).toEqual([]);
  });

  it.each([
    ['another kind', page('not-known', 'blocked')],
    ['another VIP', page('not-known', 'sip-stuck', 'vip-2')],
  ])('is one where the page was of %s', (_words, other) => {
    const it = stage();
    it.book.paged(other);
    it.pass(4 * MINUTE_MS);

    expect(cleared(it)).toHaveLength(1);
  });

  it('is one of a node, too, whose page names no VIP', () => {
    const it = stage();
    Object.assign(it.world.table.incidents.get(KEY)!, { kind: 'clock-ahead', vipId: null, nodeId: 'fs-1' });
    it.book.paged(page('not-known', 'clock-ahead', '-'));
    it.pass(4 * MINUTE_MS);

    expect(cleared(it)).toEqual([]);
  });

  it('is one where it was raised anew after it was told, and lasted from then on', () => {
    const it = stage();
    it.book.paged(page('not-known', 'sip-stuck'));
    it.pass(4 * MINUTE_MS);
    it.world.table.incidents.set(KEY, { ...INCIDENT, epoch: 2, atMs: 5_000 });
    it.book.tableChanged();
    it.pass(4 * MINUTE_MS);

    expect(cleared(it)).toEqual([`${KEY} was cleared after ${4 * MINUTE_MS} ms, and nobody was told`]);
  });

  it('is none where a restored table does not know of it', () => {
    const it = stage();
    it.pass(4 * MINUTE_MS);
    it.world.table.incidents.delete(KEY);

    it.book.replaced();

    expect(it.book.tableChanged()).toEqual([]);
  });

  it('is told by the watcher, which hears of pages and of restored tables', async () => {
    const lost = async (befalls: (world: World, watcher: Watcher) => void): Promise<number> => {
      const world = await worldAfter(SETTLED_MS);
      const watcher = new Watcher(world);
      const process = new Process(world.kernel, 'failover#1');
      world.table.incidents.set(KEY, { ...INCIDENT });
      world.listener.tableChanged('raiseIncident', process);
      befalls(world, watcher);
      world.kernel.skip(4 * MINUTE_MS);
      world.table.incidents.delete(KEY);
      world.listener.tableChanged('clearIncident', process);
      return watcher.violations.filter(({ detail }) => detail.includes('nobody was told')).length;
    };

    expect(await lost(() => undefined)).toBe(1);
    expect(await lost((world) => world.listener.paged(page('not-known', 'sip-stuck')))).toBe(0);
    const restored = (world: World, watcher: Watcher): void => {
      world.table.incidents.delete(KEY);
      watcher.replaced();
    };
    expect(await lost(restored)).toBe(0);
  });
});

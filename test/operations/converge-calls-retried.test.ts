/** A stuck change of holder that somebody acknowledged: what it rebuilt, or was told to, is the next one's to count. */
import type { CallsLedger, StepRecord } from '../../lib/domain/model';
import type { AliveResult, RecoverResult } from '../../lib/domain/ports';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

const withDatabase = (): Promise<Stage> => decided('suspected-death', {}, topologyOf(3, { database }));

describe('the calls of a change that goes on from a stuck one to the same process', () => {
  const LEDGER: CallsLedger = {
    ...{ before: 10, legsBefore: 20, resurrected: null, aliveAfter5s: null, aliveAfter30s: null, confirmed: null },
    ...{ beingWritten: 0, ownSessions: null, lost: [], recoveredAtMs: 1, notes: [] },
  };
  const ORDERED = { by: 'main#1', calls: 10, legs: 20 };
  const UNCOUNTED = { by: 'main#1', calls: null, legs: null };

  const CLOSED = { recovered: false, away: false, before: null, reason: 'the event socket is closed' } as const;

  interface Before {
    calls?: CallsLedger;
    recover?: Partial<StepRecord>;
    toCoreUuid?: string;
  }
  interface Then {
    answer?: RecoverResult;
    /** In place of it: what each attempt meets, the last one ever after. */
    answers?: readonly RecoverResult[];
    /** What each count meets in turn, before the last ones are had. */
    counts?: readonly AliveResult[];
    planned?: number;
  }

  /** Unless said otherwise nothing recovers them this time. */
  async function retried(before: Before, { answer = CLOSED, answers = [answer], counts = [], planned }: Then = {}) {
    const stage = await withDatabase();
    const journal = stage.journal();
    const { steps, to } = structuredClone(journal);
    stage.store.transitions.set('main#1', {
      ...structuredClone(journal),
      ...{ id: 'main#1', epoch: 1, status: 'stuck', to: { ...to, coreUuid: before.toCoreUuid ?? 'uuid-fs-b' } },
      ...{ calls: before.calls ?? null, steps: { ...steps, recover: { ...steps.recover, ...before.recover } } },
    });
    Object.assign(journal, { chain: { rootEpoch: 1, retargets: 0 }, sessionsBefore: 8 });
    const { nodeControl } = stage.deps;
    let tries = 0;
    nodeControl.recover = () => Promise.resolve(answers[Math.min(tries++, answers.length - 1)]!);
    const countedBy: string[] = [];
    const countAlive = nodeControl.countAlive.bind(nodeControl);
    nodeControl.countAlive = (node, vip, order, timeoutMs) => {
      const met = counts[countedBy.length];
      countedBy.push(order.transitionId);
      return met === undefined ? countAlive(node, vip, order, timeoutMs) : Promise.resolve(met);
    };
    stage.world.callsAlive = 9;
    stage.world.callsPlanned = planned ?? null;
    for (let run = 1; run < 9 && stage.journal().steps.ledger.status !== 'done'; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    return { stage, journal: stage.journal(), countedBy: [...new Set(countedBy)] };
  }

  it('counts those that this one recovered on the same process, by its plan', async () => {
    const { journal, countedBy } = await retried({ calls: LEDGER });
    expect(journal.steps.recover.proof).toContain('recovered before, by main#1');
    expect(journal.calls).toMatchObject({ before: 10, confirmed: 9, lost: [{ reason: 'not-rebuilt', count: 1 }] });
    expect(countedBy).toEqual(['main#1']);
  });

  it('counts those that the same process was told to rebuild by it, by its plan', async () => {
    const { journal, countedBy } = await retried({ recover: { ordered: ORDERED } });
    expect(journal.calls).toMatchObject({ before: 10, confirmed: 9, lost: [{ reason: 'given-up', count: 1 }] });
    expect(countedBy).toEqual(['main#1']);
  });

  it('counts them also where nobody told it by the order of this one', async () => {
    const { journal } = await retried({ recover: { ordered: ORDERED } }, { answer: { ...CLOSED, told: false } });
    expect(journal.calls).toMatchObject({ before: 10, confirmed: 9, countedBy: 'main#1' });
  });

  it('estimates them by the sessions where that one counted none', async () => {
    const { journal } = await retried({ recover: { ordered: UNCOUNTED } });
    expect(journal.calls).toMatchObject({ before: 4, legsBefore: 8 });
    expect(journal.calls?.notes.join()).toContain('an estimate from the sessions last seen');
  });

  it.each<[string, Before]>([
    ['had given them up', { calls: { ...LEDGER, recoveredAtMs: null } }],
    ['recovered them on another process', { calls: LEDGER, toCoreUuid: 'uuid-fs-b-before' }],
    ['told another process', { recover: { ordered: ORDERED }, toCoreUuid: 'uuid-fs-b-before' }],
  ])('calls them lost where that one %s', async (_words, before) => {
    const { journal } = await retried(before);
    expect(journal.calls).toMatchObject({ before: 4, lost: [{ reason: 'given-up', count: 4 }] });
  });

  it('puts the plan in the place of the estimate, and those without a leg in it had no row', async () => {
    const { journal, stage } = await retried({ recover: { ordered: UNCOUNTED } }, { planned: 3 });
    expect(journal.calls).toMatchObject({ before: 3, legsBefore: 6, lost: [{ reason: 'no-row', count: 2 }] });
    expect(stage.world.counts).toContainEqual({ name: 'CallsLost', value: 2 });
  });

  it('counts by its own order where that one, as the database says, never arrived', async () => {
    const never = { known: false, reason: 'never prepared', told: false } as const;
    const first = await retried({ recover: { ordered: UNCOUNTED } }, { counts: [never], planned: 10 });
    expect(first.countedBy).toEqual(['main#1', 'main#2']);
    expect(first.journal.calls).toMatchObject({ before: 10, confirmed: 9, lost: [{ reason: 'given-up', count: 1 }] });

    const neither = await retried({ recover: { ordered: UNCOUNTED } }, { counts: [never, never] });
    expect(neither.journal.calls).toMatchObject({ before: 4, lost: [{ reason: 'given-up', count: 4 }] });
  });

  it('keeps the plan of that one where nothing was left for its own', async () => {
    const answer = { ...CLOSED, told: { calls: 0, legs: 0 } };
    const { journal, countedBy } = await retried({ recover: { ordered: ORDERED } }, { answer });
    expect(countedBy).toEqual(['main#1']);
    expect(journal.calls).toMatchObject({ before: 10, confirmed: 9 });
  });

  describe('where nothing is left for it to recover', () => {
    const recovered = (calls: number): RecoverResult => ({
      ...{ recovered: true, before: { calls, legs: 2 * calls }, connectionOriented: 0, movedAside: 0, stayed: null },
      ...{ ownSessions: 20, notes: [], proof: 'none waits' },
    });

    it.each<[string, Before]>([
      ['recovered', { calls: LEDGER }],
      ['was told to rebuild', { recover: { ordered: ORDERED } }],
    ])('calls none lost that the stuck one %s, and counts them by its plan', async (_words, before) => {
      const { journal, countedBy, stage } = await retried(before, { answer: recovered(0) });

      expect(journal.calls).toMatchObject({ before: 10, confirmed: 9, lost: [{ count: 1 }] });
      expect(countedBy).toEqual(['main#1']);
      expect(stage.world.counts).toContainEqual({ name: 'CallsLost', value: 1 });
      expect(stage.world.pages.at(-1)?.body).toContain('9 of 10');
    });

    it('tells what it found beside those of the stuck one, too', async () => {
      const answer = { ...recovered(0), movedAside: 3, notes: ['registrations were not taken over'] } as RecoverResult;
      const { journal } = await retried({ calls: LEDGER }, { answer });

      expect(journal.calls?.lost).toContainEqual({ reason: 'unfenced', count: 3 });
      expect(journal.calls?.notes).toContain('registrations were not taken over');
    });

    it.each<[string, RecoverResult]>([
      ['and recovers them', recovered(2)],
      ['and gives them up', CLOSED],
    ])('calls no session of the others lost where it is told of what is left %s', async (_words, then) => {
      const told = { ...CLOSED, before: { calls: 2, legs: 4 }, told: { calls: 2, legs: 4 } };
      const { journal } = await retried({ recover: { ordered: { ...ORDERED, calls: 3 } } }, { answers: [told, then] });

      expect(journal.calls).toMatchObject({ before: 2, lost: [] });
    });

    it('counts what was left by its own plan, and says of the others that they are not in it', async () => {
      const { journal, countedBy } = await retried({ calls: LEDGER }, { answer: recovered(3) });

      expect(countedBy).toEqual(['main#2']);
      expect(journal.calls).toMatchObject({ before: 3, legsBefore: 6, lost: [] });
      expect(journal.calls?.notes.join()).toContain('whatever main#1 rebuilt there before it got stuck is not counted');
    });

    it('has an hour to count them, however long ago that one recovered them', async () => {
      const counts = Array.from({ length: 100 }, () => ({ known: false, reason: 'closed' }) as const);
      const { journal } = await retried({ calls: LEDGER }, { answer: recovered(0), counts });

      expect(journal.steps.ledger).toMatchObject({ status: 'pending', error: 'closed' });
    });

    it('tells sessions without a row as lost where that one had nothing rebuilt', async () => {
      const { journal } = await retried({}, { answer: recovered(3) });
      expect(journal.calls).toMatchObject({ before: 3, lost: [{ reason: 'no-row', count: 2 }] });
    });
  });
});

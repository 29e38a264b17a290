/** What an answer to the decision's transaction is taken for, one that was lost included. */
import type { Item } from '../../../lib/aws/store/attributes';
import { DecisionWriter } from '../../../lib/aws/store/decision';
import { encodeControl, encodeTransition, encodeVip } from '../../../lib/aws/store/encode';
import { OutsideTimeout } from '../../../lib/domain/errors';
import type { DecisionOutcome, DecisionWrite } from '../../../lib/domain/ports';
import { newControl, newVip } from '../../../lib/domain/store-rules';
import { cancelled, FAILED, HELD, noAnswer, recordingTable } from '../../support/recording-table';
import { aTransition } from '../../support/store-fixtures';

const TO = { nodeId: 'fs-b', coreUuid: null };
const journal = (decidedBy: string, epoch = 8) => aTransition({ vipId: 'main', epoch, to: TO, decidedBy });
const WRITE: DecisionWrite = {
  transition: journal('me'),
  expectedEpoch: 7,
  startsBlock: true,
  maxVipsPerNode: 2,
  maxTransitionsInFlight: 3,
  supersedes: null,
};
const OURS = encodeTransition(journal('me'));
const THEIRS = encodeTransition(journal('another'));
const REPLACED = encodeTransition({ ...journal('me', 7), status: 'superseded', closedAtMs: 5 });
const VIP = encodeVip(newVip('main', 8, 0));
const found = (item: Item) => ({ ...FAILED, Item: item });
const NEVER_ANSWERED = Array.from({ length: 5 }, () => noAnswer);

/** The decision's outcome, however long it is tried. */
async function outcomeOf(write: DecisionWrite, ...given: Parameters<typeof recordingTable>): Promise<DecisionOutcome> {
  const { table, clock } = recordingTable(...given);
  let ended = false;
  const outcome = new DecisionWriter(table).decide(write).finally(() => (ended = true));
  outcome.catch(() => undefined);
  await clock.until(() => ended, 10_000);
  return outcome;
}

describe('a decision that was refused', () => {
  it('is refused, though a journal of ours stands, when it was not by that', async () => {
    const paused = found(encodeControl(newControl(true, 'new disk')));
    const answers = [cancelled([paused, HELD, HELD, HELD, HELD])];
    const refused = { outcome: 'refused', clauses: ['cluster-not-paused'] };
    expect(await outcomeOf(WRITE, [OURS], { answers })).toEqual(refused);
  });

  it('by the decision of another is refused', async () => {
    const answers = [cancelled([HELD, found(VIP), HELD, found(THEIRS), HELD])];
    const clauses = ['vip-has-expected-epoch', 'journal-absent'];
    expect(await outcomeOf(WRITE, [THEIRS], { answers })).toEqual({ outcome: 'refused', clauses });
  });

  it.each([
    ['the epoch', WRITE, [HELD, found(VIP), HELD, HELD, HELD]],
    ['the journal', WRITE, [HELD, HELD, HELD, found(OURS), HELD]],
    ['the journal it replaces', { ...WRITE, supersedes: 'main#7' }, [HELD, HELD, HELD, HELD, found(REPLACED), HELD]],
  ])('by what its own lost attempt left of %s is written', async (_what, write, reasons) => {
    const answers = [cancelled(reasons)];
    expect(await outcomeOf(write, [OURS, REPLACED], { answers })).toEqual({ outcome: 'written' });
  });
});

describe('a decision whose answer was lost', () => {
  it('is written when its journal stands', async () => {
    expect(await outcomeOf(WRITE, [OURS], { answers: NEVER_ANSWERED })).toEqual({ outcome: 'written' });
  });

  it.each([
    ['there is no journal', []],
    ['the journal is another’s', [THEIRS]],
  ])('is told of as unknown when %s', async (_what, items) => {
    await expect(outcomeOf(WRITE, items, { answers: NEVER_ANSWERED })).rejects.toBeInstanceOf(OutsideTimeout);
  });

  it('is told of as unknown when nothing can be read back', async () => {
    const refuse = (): never => {
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    };
    const outcome = outcomeOf(WRITE, [OURS], { refuse, answers: NEVER_ANSWERED });
    await expect(outcome).rejects.toBeInstanceOf(OutsideTimeout);
  });
});

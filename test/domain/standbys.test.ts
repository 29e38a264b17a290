/** Who could take a VIP over: by itself, only by hand, or nobody, and how that is told. */
import type { Candidate } from '../../lib/domain/candidate';
import { standbysAmong, standbysInWords } from '../../lib/domain/standbys';

const fit = (nodeId: string, manualOnly = false): Candidate => ({
  ...{ nodeId, eligible: true, coreUuid: `uuid-${nodeId}`, wellForMs: 0, behindHolderMs: 0, manualOnly },
});
const unfit: Candidate = { nodeId: 'fs-d', eligible: false, why: 'it is paused' };

it('tells those apart that only an operator may choose, and leaves out who is not fit', () => {
  const standbys = standbysAmong([unfit, fit('fs-b'), fit('fs-c', true), fit('fs-a')]);

  expect(standbys).toEqual({ byItself: ['fs-b', 'fs-a'], byHandOnly: ['fs-c'] });
});

it.each([
  ['nobody', [], [], 'NONE'],
  ['who takes over by itself', ['fs-b', 'fs-a'], [], 'fs-b, fs-a'],
  ['whom only an operator may choose', [], ['fs-c'], 'NONE by itself, fs-c (by hand only)'],
  ['both', ['fs-b'], ['fs-c', 'fs-d'], 'fs-b, fs-c (by hand only), fs-d (by hand only)'],
])('says: %s', (_words, byItself, byHandOnly, words) => {
  expect(standbysInWords({ byItself, byHandOnly })).toBe(words);
});

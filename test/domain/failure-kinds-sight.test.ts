/** What one look at a holder adds up to: every combination of its two signals, and which of them are an answer. */
import { ANSWERING, sightOf, UNANSWERED, type Sight } from '../../lib/domain/failure-kinds/sight';
import type { EslEvidence, SipEvidence } from '../../lib/domain/model';
import { esl, look, withShutdownPending } from '../support/cluster';

const HOLDER = { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' };
const SIP: (SipEvidence['verdict'] | 'not asked')[] = [
  'ok',
  'busy',
  'standby',
  'refused',
  'silent',
  'malformed',
  'not asked',
];

const deaf: Sight[] = ['esl-silent', 'esl-silent', 'esl-silent', 'silent', 'silent', 'unclear', 'unclear'];
const stuck: Sight[] = ['sip-silent', 'sip-silent', 'sip-silent'];
const dead: Sight[] = ['process-gone', 'process-gone', 'unclear'];
const TABLE: [EslEvidence['verdict'], Sight[]][] = [
  ['ok', ['serving', 'full', 'in-standby', ...stuck, 'unclear']],
  ['paused', ['paused', 'paused', 'in-standby', ...stuck, 'paused']],
  ['stopping', ['stopping', 'stopping', 'stopping', 'sip-silent', 'sip-silent', 'unclear', 'stopping']],
  ['refused', ['esl-refused', 'esl-refused', 'esl-refused', ...dead, 'unclear']],
  ['silent', deaf],
  ['malformed', deaf],
  ['rejected', SIP.map((): Sight => 'rejecting')],
];

describe('the sight of a holder', () => {
  it.each(TABLE)(`while ESL is %s and SIP is ${SIP.join(', ')}`, (eslVerdict, expected) => {
    const seen = SIP.map((verdict) =>
      verdict === 'not asked'
        ? look('fs-a', 'a', eslVerdict, 'ok', { sip: {} })
        : look('fs-a', 'a', eslVerdict, verdict),
    );

    expect(seen.map((each) => sightOf(each, 'main', HOLDER))).toEqual(expected);
  });

  it.each([
    ['ok', ['stopping', 'stopping', 'in-standby', ...stuck]],
    ['paused', ['stopping', 'stopping', 'in-standby', ...stuck]],
  ] as const)(
    `while ESL is %s, a shutdown waits for the last call, and SIP is ${SIP.slice(0, 6).join(', ')}`,
    (eslVerdict, expected) => {
      const seen = SIP.flatMap((verdict) => (verdict === 'not asked' ? [] : [look('fs-a', 'a', eslVerdict, verdict)]));

      expect(withShutdownPending(seen).map((each) => sightOf(each, 'main', HOLDER))).toEqual(expected);
    },
  );

  it.each<[string, EslEvidence, string | null, Sight]>([
    ['another incarnation', esl('ok', 'uuid-new'), 'uuid-fs-a', 'restarted'],
    ['another incarnation, and paused', esl('paused', 'uuid-new'), 'uuid-fs-a', 'restarted'],
    ['another incarnation that shuts down again', esl('stopping', 'uuid-new'), 'uuid-fs-a', 'stopping'],
    ['an incarnation where nobody knows the holder’s', esl('ok', 'uuid-new'), null, 'serving'],
    ['no incarnation', esl('ok', null), 'uuid-fs-a', 'serving'],
    [
      'another incarnation, and told to shut down',
      { ...esl('ok', 'uuid-new'), shutdownPending: true },
      'uuid-fs-a',
      'restarted',
    ],
    ['nothing of a shutdown', { ...esl('ok', 'uuid-fs-a'), shutdownPending: null }, 'uuid-fs-a', 'serving'],
  ])('that tells %s', (_words, evidence, coreUuid, expected) => {
    const seen = look('fs-a', 'a', 'ok', 'ok', { esl: evidence });

    expect(sightOf(seen, 'main', { nodeId: 'fs-a', coreUuid })).toBe(expected);
  });

  it('of one that hangs up with the announcement of its end is that of a process that is gone', () => {
    const seen = look('fs-a', 'a', 'stopping', 'silent', { esl: esl('stopping', null) });

    expect(sightOf(seen, 'main', HOLDER)).toBe('process-gone');
  });

  it('is an answer to callers, or none, or says nothing of them', () => {
    expect([...ANSWERING].sort()).toEqual(['esl-refused', 'esl-silent', 'full', 'paused', 'serving', 'stopping']);
    expect([...UNANSWERED].sort()).toEqual(['process-gone', 'silent', 'sip-silent']);
  });
});

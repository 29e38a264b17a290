import type { SipEvidence } from '../../lib/domain/model';
import { correctForLoad, evidenceOfProfiles } from '../../lib/freeswitch/verdict';

const sip = (verdict: SipEvidence['verdict']): SipEvidence => ({ verdict, detail: '200 OK', latencyMs: 1 });

describe('the load of a node', () => {
  it('the version trap: a full node is busy, whether OPTIONS says 200 (1.11.1) or 503 (1.10)', () => {
    expect(correctForLoad(sip('ok'), 1000, 1000)).toMatchObject({ verdict: 'busy' });
    expect(correctForLoad(sip('busy'), 1000, 1000)).toEqual(sip('busy'));
  });

  it('a node that is not full, or whose load is not known, is left as it is', () => {
    expect(correctForLoad(sip('ok'), 999, 1000)).toEqual(sip('ok'));
    expect(correctForLoad(sip('ok'), null, 1000)).toEqual(sip('ok'));
    expect(correctForLoad(sip('ok'), 5, null)).toEqual(sip('ok'));
    expect(correctForLoad(sip('ok'), 0, 0)).toEqual(sip('ok'));
  });

  it('a full node that is silent stays silent', () => {
    expect(correctForLoad(sip('silent'), 1000, 1000)).toEqual(sip('silent'));
  });
});

describe('the word of a VIP of several profiles', () => {
  const profiles = (...verdicts: SipEvidence['verdict'][]) =>
    verdicts.map((verdict, index) => ({ profile: `p${index}`, port: 5060 + index, evidence: sip(verdict) }));

  it.each<[SipEvidence['verdict'], SipEvidence['verdict'][]]>([
    ['silent', ['ok', 'refused', 'silent']],
    ['refused', ['malformed', 'refused']],
    ['malformed', ['standby', 'malformed']],
    ['standby', ['ok', 'busy', 'standby']],
    ['busy', ['busy', 'ok']],
    ['ok', ['ok', 'ok']],
  ])('is %s, the worst of %j, while ESL answers', (word, of) => {
    expect(evidenceOfProfiles('ok', profiles(...of)).verdict).toBe(word);
    expect(evidenceOfProfiles('paused', profiles(...of)).verdict).toBe(word);
  });

  it.each(['refused', 'silent', 'stopping', 'malformed'] as const)(
    'is the best of them while ESL is %s: one answer proves that the process lives',
    (eslVerdict) => {
      expect(evidenceOfProfiles(eslVerdict, profiles('silent', 'standby')).verdict).toBe('standby');
    },
  );

  it('names the profile that spoke, the first of equals', () => {
    expect(evidenceOfProfiles('ok', profiles('ok', 'standby', 'standby')).detail).toBe('p1 on 5061: 200 OK');
  });

  it('is silence where there is no profile to ask', () => {
    expect(evidenceOfProfiles('ok', [])).toMatchObject({ verdict: 'silent', detail: 'the VIP has no profile to ask' });
  });

  it('of a single profile is what that one said', () => {
    expect(evidenceOfProfiles('ok', profiles('ok'))).toEqual(sip('ok'));
  });
});

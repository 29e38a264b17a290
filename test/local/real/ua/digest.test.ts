import { answerChallenge } from '../../../../local/real/ua/digest';

describe('the answer to a digest challenge', () => {
  it('is that of the example in RFC 2617, 3.5', () => {
    const challenge =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';

    const answer = answerChallenge(
      challenge,
      { user: 'Mufasa', password: 'Circle Of Life' },
      { method: 'GET', uri: '/dir/index.html', cnonce: '0a4f113b' },
    );

    expect(answer).toContain('response="6629fae49393a05397450978507c4ef1"');
    expect(answer).toContain('username="Mufasa", realm="testrealm@host.com"');
  });

  it.each([
    ['no challenge at all', null],
    ['a Basic one', 'Basic charset="UTF-8"'],
  ])('is null for %s', (_words, challenge) => {
    const digest = { method: 'REGISTER', uri: 'sip:lab', cnonce: '1' };
    expect(answerChallenge(challenge, { user: 'a', password: 'b' }, digest)).toBeNull();
  });
});

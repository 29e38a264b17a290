import fc from 'fast-check';
import { decodeMarker, encodeMarker, normalName, sameName } from '../../lib/aws/dns-text';

describe('the TXT record beside a VIP', () => {
  it('reads as a human would write it', () => {
    expect(encodeMarker({ epoch: 7, owner: 'cluster/pbx' })).toBe('"understudy epoch=7 owner=cluster/pbx"');
  });

  it('says what was written', () => {
    const owner = fc.stringMatching(/^[a-z0-9/._-]{1,60}$/);
    fc.assert(
      fc.property(fc.nat(), owner, (epoch, by) => {
        expect(decodeMarker(encodeMarker({ epoch, owner: by }))).toEqual({ epoch, owner: by });
      }),
    );
  });

  it.each(['"v=spf1 -all"', '"understudy epoch=x owner=a"', '"understudy epoch=7"', '', 'understudy epoch=7 owner=a'])(
    'is not ours: %s',
    (value) => expect(decodeMarker(value)).toBeNull(),
  );

  it.each(['a b', 'a"b', 'ä', '', 'x'.repeat(250), 'a\\b'])('cannot carry the owner %j', (owner) => {
    expect(() => encodeMarker({ epoch: 1, owner })).toThrow(RangeError);
  });
});

describe('names', () => {
  it('are the same with and without the dot, in any case, and in octal escapes', () => {
    expect(normalName('SIP.Pbx.internal')).toBe('sip.pbx.internal.');
    expect(normalName('*.pbx.internal.')).toBe('\\052.pbx.internal.');
    expect(sameName('\\052.pbx.internal', '*.pbx.internal.')).toBe(true);
    expect(sameName('a.pbx.internal', 'b.pbx.internal')).toBe(false);
  });

  it('normalised twice are as normalised once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (name) => {
        expect(normalName(normalName(name))).toBe(normalName(name));
      }),
    );
  });
});

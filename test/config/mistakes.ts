/** Pieces of the files in `fixture.ts` that tests change, and the form of a test that makes one mistake. */
import { BASE, example, linesMarked, problemsOf, replaceOnce } from './fixture';

/** One change to a file without mistakes, and the one mistake it makes: path, line (marked HERE) and words. */
export interface Mistake {
  name: string;
  base?: string;
  change: [from: string, to: string][];
  path: string;
  says: RegExp;
}

export const ADOPT = example('adopt.yaml');
export const NET = 'clusters[0].network';
export const VIP = '      - id: main\n        elasticIp: create\n';
export const PRIVATE_DNS = '        privateDns:\n          zone: pbx.internal\n          name: sip.pbx.internal\n';
export const CANDIDATES = '        candidates: [alice, bob]\n';
export const RTP = '    callers:\n';
export const SIP_FROM = 'carrier\n          from: [203.0.113.0/24]';
/** Room for two VIPs on two nodes, so that another rule is the one that speaks. */
export const ROOM = '    policy: { maxVipsPerNode: 2 }\n';
export const PROFILES = '        profiles: [external]\n';
export const secondVip = (lines: string): string => `${CANDIDATES}      - id: extra\n${lines}`;

/** ARN of a secret, in BASE's region unless another is wanted. */
export const secret = (name: string, region = 'us-east-1'): string =>
  `arn:aws:secretsmanager:${region}:123456789012:secret:${name}-AbCdEf`;

/** A test for each mistake: that it is found at its line, in these words, and that nothing else is found. */
export function refusesEach(family: string, mistakes: Mistake[]): void {
  describe(`mistakes of sense: ${family}`, () => {
    it.each(mistakes)('refuses $name', ({ base = BASE, change, path, says }) => {
      const text = change.reduce((changed, [from, to]) => replaceOnce(changed, from, to), base);

      const problems = problemsOf(text);

      const lines = linesMarked(text);
      expect(lines).toHaveLength(1);
      expect(problems).toEqual([{ path, line: lines[0], message: expect.stringMatching(says) }]);
    });
  });
}

/** A full holder is alive: it is named, paged where nobody could help, and never failed over. */
import { decide } from '../../lib/domain/decide';
import type { Decision } from '../../lib/domain/decision';
import type { Observation } from '../../lib/domain/model';
import { healthy, look, looks, NOW, topologyOf, ZONES } from '../support/cluster';

function judge(observations: Observation[]): Decision {
  const [decision] = decide(healthy({ observations }), [], NOW);
  if (decision === undefined) throw new Error('no decision for the only VIP');
  return decision;
}

const standby = looks('fs-b', 'ok', 'standby');

describe('a holder that a majority sees full', () => {
  const full = looks('fs-a', 'ok', 'busy');

  it('is well, and the reasons name the overload', () => {
    const decision = judge([...full, ...standby]);

    expect(decision).toMatchObject({ kind: 'none', well: true });
    expect(decision.reasons.join('; ')).toMatch(/overload: fs-a is at its session limit.*us-east-1a/);
  });

  it.each([
    ['full, too', looks('fs-b', 'ok', 'busy')],
    ['dead', looks('fs-b', 'refused', 'silent')],
  ])('is paged where the only other candidate is %s, and nothing is moved', (_words, other) => {
    const decision = judge([...full, ...other]);

    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'overload', vipId: 'main', nodeId: 'fs-a' } });
    expect(decision.reasons.join('; ')).toContain('fs-b is not fit');
  });

  it('pages nobody while one of several other candidates is fit', () => {
    const observations = [...full, ...looks('fs-b', 'refused', 'silent'), ...looks('fs-c', 'ok', 'standby')];

    expect(decide(healthy({ topology: topologyOf(3), observations }), [], NOW)).toMatchObject([{ well: true }]);
  });

  it('is named by exactly a majority, of which none is told that it is paused', () => {
    const [first, second, third] = ZONES;
    const two = (esl: 'ok' | 'paused') => [
      look('fs-a', first, 'ok', 'busy'),
      look('fs-a', second, esl, 'busy'),
      look('fs-a', third, 'ok', 'ok'),
    ];

    expect(judge([...two('ok'), ...standby]).reasons.join('; ')).toContain('overload: fs-a');
    expect(judge([...two('paused'), ...standby]).reasons).toEqual(['fs-a serves']);
  });

  it('is not named on the word of one observer', () => {
    const [zone, ...others] = ZONES;
    const seen = [look('fs-a', zone, 'ok', 'busy'), ...others.map((each) => look('fs-a', each, 'ok', 'ok'))];

    expect(judge([...seen, ...standby]).reasons).toEqual(['fs-a serves']);
  });
});

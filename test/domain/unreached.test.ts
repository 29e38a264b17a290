/** Which failures say that no answer came, so that a function in another zone may get one. */
import { DatabaseAway, DatabaseRefused, OutsideRefused, OutsideTimeout, ResourceGone } from '../../lib/domain/errors';
import { unreachedBy } from '../../lib/domain/node-control';
import { EslFailure, type EslFailureKind } from '../../lib/freeswitch/esl/failure';
import { SimEslFailure } from '../../lib/simulation/freeswitch/esl';

describe('a failure', () => {
  it.each([
    ['of an outside call that was not answered in time', new OutsideTimeout('no answer')],
    ['of a database that is away', new DatabaseAway('no answer')],
    ['of a node that is silent', new EslFailure('silent', 'connect', 'no greeting')],
    ['of a simulated node that is silent', new SimEslFailure('silent', 'no greeting')],
  ])('%s may be none in another zone', (_what, error) => {
    expect(unreachedBy(error)).toEqual({ unreached: true });
  });

  it.each<[string, unknown]>([
    ['of an outside call that was refused', new OutsideRefused('no')],
    ['of a database that says no', new DatabaseRefused('no')],
    ['of what is not there', new ResourceGone('gone')],
    ['of our own code', new TypeError('undefined is not a function')],
    ['of something that only looks like ours', Object.assign(new Error('no answer'), { unreached: true })],
    ['of nothing in particular', null],
    ...(['refused', 'rejected', 'stopping', 'closed', 'malformed', 'aborted'] as EslFailureKind[]).map(
      (kind): [string, unknown] => [`of a node whose connection is ${kind}`, new EslFailure(kind, 'ready', kind)],
    ),
    ...(['refused', 'rejected', 'closed'] as const).map((kind): [string, unknown] => [
      `of a simulated node whose connection is ${kind}`,
      new SimEslFailure(kind, kind),
    ]),
  ])('%s is the same in every zone', (_what, error) => {
    expect(unreachedBy(error)).toEqual({});
  });
});

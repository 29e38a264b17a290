import { MalformedEvent } from '../../lib/domain/errors';
import { parseWake } from '../../lib/operations/wake';

function record(pk: string, sk: string): unknown {
  return { eventName: 'INSERT', dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } };
}

describe('why the failover function was invoked', () => {
  it.each([
    [
      'a journal',
      { Records: [record('vip#main', 'epoch#000000000007')] },
      [{ kind: 'journal', vipId: 'main', epoch: 7 }],
    ],
    ['an incident', { Records: [record('incident#blocked', 'main')] }, [{ kind: 'incident' }]],
    ['an item that is neither', { Records: [record('live', 'topology')] }, []],
    ['the schedule', { source: 'aws.events', 'detail-type': 'Scheduled Event' }, [{ kind: 'schedule' }]],
    ['a bare invocation', {}, [{ kind: 'schedule' }]],
  ])('%s', (_name, event, wakes) => {
    expect(parseWake(event)).toEqual({ wakes, malformed: [] });
  });

  it.each([null, 'text', 7])('malformed: %j', (event) => {
    expect(() => parseWake(event)).toThrow(MalformedEvent);
  });

  it.each([null, { dynamodb: {} }, { dynamodb: { Keys: { pk: { N: '1' } } } }])(
    'a record that cannot be read holds no other back: %j',
    (broken) => {
      const { wakes, malformed } = parseWake({ Records: [broken, record('incident#blocked', 'main')] });

      expect(wakes).toEqual([{ kind: 'incident' }]);
      expect(malformed).toEqual([expect.any(MalformedEvent)]);
    },
  );
});

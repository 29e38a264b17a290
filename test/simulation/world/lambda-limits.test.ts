/** What the simulated Lambda allows is what is deployed: the same numbers stand in the templates. */
import {
  STAGGER_MS,
  STREAM_RECORD_AGE_MS,
  STREAM_RETRIES,
  TIMEOUT_MS,
} from '../../../lib/simulation/world/lambda-limits';
import { SCHEDULE_MS } from '../../../lib/simulation/world/control-plane';
import { only, synthesize, type Resource } from '../../infra/fixture';

describe('the simulated Lambda', () => {
  const deployed = synthesize();
  const functions = Object.values(deployed.all('AWS::Lambda::Function'));
  const rules = Object.values(deployed.all('AWS::Events::Rule'));
  const says = (resource: Resource): string => String(resource.Properties['Description']);

  it.each<[keyof typeof TIMEOUT_MS, RegExp, number]>([
    ['observer', /: watches the nodes from /, 3],
    ['failover', /: fences, /, 1],
    ['registrar', /: registers the deployment/, 1],
    ['evidence', /: notes what EC2 says/, 1],
  ])('ends %s after the time that is deployed', (kind, description, howMany) => {
    const ofKind = functions.filter((each) => description.test(says(each)));

    expect(ofKind.map(({ Properties }) => 1_000 * Number(Properties['Timeout']))).toEqual(
      Array.from({ length: howMany }, () => TIMEOUT_MS[kind]),
    );
  });

  it('tries a record of the stream as often and for as long as is deployed', () => {
    const { Properties } = only(deployed.all('AWS::Lambda::EventSourceMapping'));

    expect(Properties).toMatchObject({
      MaximumRetryAttempts: STREAM_RETRIES,
      MaximumRecordAgeInSeconds: STREAM_RECORD_AGE_MS / 1_000,
    });
  });

  it('wakes the failover function and each zone when they are woken', () => {
    const scheduled = rules.filter(({ Properties }) => Properties['ScheduleExpression'] !== undefined);
    const challenges = scheduled.filter((each) => says(each).includes('a challenger for'));
    const payloads = challenges.map(({ Properties }) => JSON.stringify(Properties['Targets']));

    expect(SCHEDULE_MS).toBe(60_000);
    expect(new Set(scheduled.map(({ Properties }) => Properties['ScheduleExpression']))).toEqual(
      new Set(['rate(1 minute)']),
    );
    for (const index of [0, 1, 2]) {
      const wait = String.raw`{\"startDelayMs\":${index * STAGGER_MS}}`;
      expect(payloads.filter((each) => each.includes(wait))).toHaveLength(1);
    }
  });
});

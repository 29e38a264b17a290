import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EXAMPLES, exampleConfig, synthesize, testApp } from './fixture';

/** Names of the rules that the AwsSolutions pack finds broken, each with its place. */
function findings(scope: ReturnType<typeof testApp>): string[] {
  const report = new AwsSolutionsChecks(scope).validateScope(scope);
  return report.violations.map(({ ruleName, violatingResources }) => {
    const places = violatingResources.map((each) => each.resourceLogicalId);
    return `${ruleName}: ${[...new Set(places)].join(', ')}`;
  });
}

describe('cdk-nag, AwsSolutions', () => {
  it('finds what is wrong, or this test would prove nothing', () => {
    const app = testApp();
    new CfnBucket(new Stack(app, 'Wrong'), 'Bucket');
    expect(findings(app).join()).toContain('AwsSolutions-S10');
  });

  it.each(EXAMPLES)('has nothing to say against %s', (example) => {
    const { app } = synthesize(exampleConfig(example));
    expect(findings(app)).toEqual([]);
  });

  it.each(['public-ip', 'nat', 'endpoints'] as const)('has nothing to say against node egress by %s', (nodeEgress) => {
    const config = exampleConfig();
    config.network = { source: 'create', cidr: '10.9.0.0/16', nodeEgress };
    config.state = { customerManagedKey: true, deletionProtection: false };
    const { app } = synthesize(config);
    expect(findings(app)).toEqual([]);
  });
});

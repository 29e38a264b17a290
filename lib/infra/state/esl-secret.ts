import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import { acknowledge } from '../acknowledge';

/** The ESL password: the functions and the nodes read it by the secret's ARN, nobody hands it on. */
export class EslSecret extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, cluster: string, config: ClusterConfig['eslSecret']) {
    super(scope, id);
    if (config.source === 'existing') {
      this.arn = config.arn;
      return;
    }
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: `Understudy ${cluster}: ESL password of the FreeSWITCH nodes`,
      // ESL is a text protocol and event_socket.conf.xml is XML: letters and digits need no escaping in either.
      generateSecretString: { passwordLength: 32, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.arn = secret.secretArn;
    acknowledge(
      secret,
      ['AwsSolutions-SMG4'],
      'A rotation must change secret and nodes in one step, or the observers are locked out and everything looks ' +
        'misconfigured. FreeSWITCH reads its ESL password at start only: rotation is an operation, not a timer.',
    );
  }
}

import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { databaseRoleOf } from '../../domain/database-names';
import { mayChange } from '../weak-references';

export interface NodeSecretProps {
  cluster: string;
  nodeId: string;
}

/** `{"username","password"}` of one node's login role. No other node may read it: it is how a node is locked out. */
export class NodeSecret extends Construct {
  readonly secret: secretsmanager.Secret;
  readonly role: string;

  constructor(scope: Construct, id: string, { cluster, nodeId }: NodeSecretProps) {
    super(scope, id);
    this.role = databaseRoleOf(nodeId);
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: `Understudy ${cluster}: login of node ${nodeId} in the shared database`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: this.role }),
        generateStringKey: 'password',
        // A line of libpq's password file has `:` and `\` as its own characters: letters and digits need no escaping.
        passwordLength: 40,
        excludePunctuation: true,
      },
      // The role's password can be set anew at any time: nothing is lost with it.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    mayChange(this);
  }
}

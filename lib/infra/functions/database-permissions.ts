/** What the functions may do with the shared database and its secrets, as statements. */
import { Aws, Fn } from 'aws-cdk-lib';
import { exact, wide, type Permission } from './permission';
import { readSecrets } from './secret-permissions';

/**
 * To sign in to RDS as one database role, by IAM (RDS guide, "Creating and using an IAM policy for IAM database
 * access"). The database decides what that role may do.
 *
 * @param resourceId of the instance; null where it exists already and only its host name is known
 */
export function signInToDatabase(resourceId: string | null, role: string): Permission {
  const arn = Fn.join('', [
    'arn:',
    Aws.PARTITION,
    ':rds-db:',
    Aws.REGION,
    ':',
    Aws.ACCOUNT_ID,
    `:dbuser:${resourceId ?? '*'}/${role}`,
  ]);
  const statement = { sid: 'SignInToDatabase', actions: ['rds-db:connect'], resources: [arn] };
  if (resourceId !== null) return exact(statement);
  return wide(
    'The configuration knows an existing database by its host name, not by its resource id; the role is ours alone.',
    [`Resource::arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:*/${role}`],
    statement,
  );
}

export const readDatabaseSecrets = (secretArns: readonly string[]): Permission[] =>
  readSecrets('DatabaseLogins', secretArns);

/** The four steps of a rotation (Secrets Manager guide, "Lambda rotation function execution role permissions"). */
export function rotateSecrets(secretArns: readonly string[]): Permission {
  return exact({
    sid: 'RotateNodeLogins',
    actions: [
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    resources: [...secretArns],
  });
}

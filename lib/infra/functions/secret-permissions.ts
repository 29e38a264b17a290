/** What it takes to read a secret, as statements. */
import { Aws, Fn, Token } from 'aws-cdk-lib';
import { exact, wide, type Permission } from './permission';

/** @param sid says in the policy whose secrets they are */
export const readSecrets = (sid: string, secretArns: readonly string[]): Permission[] => [
  exact({ sid, actions: ['secretsmanager:GetSecretValue'], resources: [...secretArns] }),
  ...underTheirOwnKey(
    sid,
    // What the deployment makes is under the key that AWS manages, which asks for no permission.
    secretArns.filter((arn) => !Token.isUnresolved(arn)),
  ),
];

/**
 * A secret of the user's may be under a KMS key of theirs, and Secrets Manager decrypts with the permissions of whoever
 * reads. The key is not known here, but what for: only through Secrets Manager, and only these very secrets, which Secrets
 * Manager names in the encryption context ("Secret encryption and decryption", Secrets Manager guide).
 */
function underTheirOwnKey(sid: string, secretArns: readonly string[]): Permission[] {
  if (secretArns.length === 0) return [];
  const keys = [...new Set(secretArns.map(keysBeside))];
  return [
    wide(
      'Which key of its account a secret is under is not known here; conditions name the secret, and the only way.',
      keys.map((key) => `Resource::${key}`),
      {
        sid: `${sid}Keys`,
        actions: ['kms:Decrypt'],
        resources: keys,
        conditions: {
          StringEquals: {
            'kms:ViaService': Fn.join('', ['secretsmanager.', Aws.REGION, '.', Aws.URL_SUFFIX]),
            'kms:EncryptionContext:SecretARN': [...secretArns],
          },
        },
      },
    ),
  ];
}

/** The keys of the account and region that a secret is in. */
function keysBeside(secretArn: string): string {
  const [arn, partition, , region, account] = secretArn.split(':');
  return [arn, partition, 'kms', region, account, 'key/*'].join(':');
}

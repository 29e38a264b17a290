import { fromEnv } from '@aws-sdk/credential-provider-env';
import { Signer } from '@aws-sdk/rds-signer';

import type { DatabaseConnection } from './connection-settings';

/**
 * A fresh IAM authentication token in place of a password: signed here with the function's own credentials, so it needs
 * no call and no secret. It holds for 15 minutes, and only the moment of signing in counts.
 */
export function iamToken(connection: DatabaseConnection): () => Promise<string> {
  const signer = new Signer({
    hostname: connection.host,
    port: connection.port,
    username: connection.user,
    region: connection.region,
    credentials: fromEnv(),
  });
  return () => signer.getAuthToken();
}

import { DEFAULTS } from './defaults';
import { definedOnly, unchecked } from './defined';
import type { DatabaseConfig } from './model';
import type { Overrides } from './overrides';
import type { WrittenCluster } from './schema';

/** `overrides` are a laptop's: no TLS on its loopback, and the server that is there. */
export function resolveDatabase(
  written: WrittenCluster['database'],
  { databaseTls: tls = true, databaseServer }: Overrides,
): DatabaseConfig {
  if (written === undefined || written === 'none') return { source: 'none' };
  const { create, existing } = written;
  const { instanceClass, storageGiB, multiAz, backupDays, name, port } = DEFAULTS.database;
  if (create !== undefined) {
    const standard = { instanceClass, storageGiB, multiAz, backupDays, name };
    return { source: 'create', ...standard, ...definedOnly(create), tls };
  }
  if (existing === undefined) throw unchecked('database');
  return {
    source: 'existing',
    host: databaseServer?.host ?? existing.host,
    port: databaseServer?.port ?? existing.port ?? port,
    name: existing.name,
    adminSecretArn: existing.adminSecretArn,
    securityGroupId: existing.securityGroupId ?? null,
    tls,
  };
}

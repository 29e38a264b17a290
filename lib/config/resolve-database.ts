import { DEFAULTS } from './defaults';
import { definedOnly, unchecked } from './defined';
import type { DatabaseConfig } from './model';
import type { WrittenCluster } from './schema';

/** @param tls false only for a database on a laptop's loopback */
export function resolveDatabase(written: WrittenCluster['database'], tls: boolean): DatabaseConfig {
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
    host: existing.host,
    port: existing.port ?? port,
    name: existing.name,
    adminSecretArn: existing.adminSecretArn,
    securityGroupId: existing.securityGroupId ?? null,
    tls,
  };
}

/** Secrets are read through an endpoint of the cluster's own region. */
import { present, type ClusterDraft, type Path } from '../draft';
import { refuse, type ClusterRule } from '../finding';

export const secretsLiveInTheRegion: ClusterRule = function* (cluster, at) {
  const { region } = cluster;
  if (region === undefined) return;
  for (const [arn, path] of secretsOf(cluster)) {
    const [, , , home] = arn.split(':');
    if (home === region) continue;
    yield refuse([...at, ...path], `this secret lives in ${home}: replicate it to ${region} and name that one`);
  }
};

/** Every ARN of a secret in the cluster, with the path where it stands. */
function* secretsOf(cluster: ClusterDraft): Generator<[arn: string, path: Path]> {
  const { eslSecret, database, freeswitch } = cluster;
  if (typeof eslSecret === 'object' && eslSecret.arn !== undefined) yield [eslSecret.arn, ['eslSecret', 'arn']];
  for (const [vip, index] of present(cluster.vips)) {
    if (vip.tls?.secretArn !== undefined) yield [vip.tls.secretArn, ['vips', index, 'tls', 'secretArn']];
  }
  const admin = typeof database === 'object' ? database.existing?.adminSecretArn : undefined;
  if (admin !== undefined) yield [admin, ['database', 'existing', 'adminSecretArn']];
  const install = freeswitch?.install;
  const token = typeof install === 'object' ? install.packages?.tokenSecretArn : undefined;
  if (token !== undefined) yield [token, ['freeswitch', 'install', 'packages', 'tokenSecretArn']];
}

/** The ESL password's secret is read through an endpoint of the cluster's own region. */
import { refuse, type ClusterRule } from '../finding';

export const secretLivesInTheRegion: ClusterRule = function* (cluster, at) {
  const { region, eslSecret } = cluster;
  if (typeof eslSecret !== 'object' || eslSecret.arn === undefined || region === undefined) return;
  const [, , , home] = eslSecret.arn.split(':');
  if (home !== region) {
    yield refuse(
      [...at, 'eslSecret', 'arn'],
      `this secret lives in ${home}: replicate it to ${region} and name that one`,
    );
  }
};

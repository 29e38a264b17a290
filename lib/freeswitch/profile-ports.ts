/** On which ports the profiles of a VIP listen. */
import type { NodeTopology, VipTopology } from '../domain/model';

export interface ProfilePort {
  profile: string;
  port: number;
}

/** As we configure a node: the first profile listens on the VIP's port, each further one on the next. */
export const profilePort = (sipPort: number, index: number): number => sipPort + index;

/**
 * The profiles whose port is known, in promotion order: all of them on a node that we configure. Of an adopted one (it
 * has no fingerprint) the first alone: its owner chose the ports of the others, and the topology has no word for them.
 */
export function knownProfilePorts(
  { fingerprint }: Pick<NodeTopology, 'fingerprint'>,
  { profiles, sipPort }: Pick<VipTopology, 'profiles' | 'sipPort'>,
): ProfilePort[] {
  const known = fingerprint === null ? profiles.slice(0, 1) : profiles;
  return known.map((profile, index) => ({ profile, port: profilePort(sipPort, index) }));
}

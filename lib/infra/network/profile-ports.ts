import type { VipConfig } from '../../config/model';
import { profilePort } from '../../freeswitch/profile-ports';
import { distinct } from '../naming';

/** The ports of all profiles of these VIPs on nodes that we configure, each once: EC2 refuses the same rule twice. */
export const profilePortsOf = (vips: readonly Pick<VipConfig, 'profiles' | 'sipPort'>[]): number[] =>
  distinct(vips.flatMap(({ profiles, sipPort }) => profiles.map((_, index) => profilePort(sipPort, index))));

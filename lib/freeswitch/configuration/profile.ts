/** One sofia profile of a VIP. Its NAME is what recovery rows are found by: the same on every node (FACTS 7.4). */
import type { ClusterConfig, VipConfig } from '../../config/model';
import { UnderstudyError } from '../../domain/errors';
import { profilePort } from '../profile-ports';
import { promotedVariable } from '../promotion';
import { NO_PEER } from './access';
import type { RenderedFile } from './model';
import { profilePath } from './sofia';
import { profileFolder, profileSettingsFolder, userPattern } from './user-files';
import { publicIpVariable, serviceIpVariable } from './variables';
import { addComment, addElement, addInclude, addParams, includedFile, variable, type Param } from './xml';

type Cluster = Pick<ClusterConfig, 'database' | 'freeswitch'>;

/** Context of calls that nobody has authenticated. */
export const PUBLIC_CONTEXT = 'public';

/** Folder with agent.pem (certificate, key, chain) and cafile.pem of a VIP. */
export const tlsFolder = (vipId: string): string => `/etc/understudy/tls/${vipId}`;

export const profileFiles = (cluster: Cluster, vip: VipConfig): RenderedFile[] =>
  vip.profiles.map((profile, index) => ({
    path: profilePath(profile),
    content: includedFile((root) => {
      const element = addElement(root, 'profile', { name: profile });
      addElement(element, 'aliases');
      addInclude(addElement(element, 'gateways'), `../${userPattern(...profileFolder(profile))}`);
      addElement(element, 'domains');
      const settings = addElement(element, 'settings');
      addComment(
        settings,
        'Yours to change: a param of the same name in the folder below wins; apply-nat-acl adds up.',
      );
      addParams(settings, ordinary(cluster, vip));
      addInclude(settings, `../${userPattern(...profileSettingsFolder(profile))}`);
      addComment(
        settings,
        'What failover rests on: the last param of a name wins, so these stand behind the include. rtp-ip alone adds ' +
          'up: set above, it would stay beside this one, so a node with such a file does not start.',
      );
      addParams(settings, essential(cluster, vip, index));
    }),
  }));

function ordinary({ freeswitch }: Cluster, vip: VipConfig): Param[] {
  const codecs = freeswitch.codecs.join(',');
  return [
    { name: 'context', value: PUBLIC_CONTEXT },
    { name: 'dialplan', value: 'XML' },
    {
      name: 'auth-calls',
      value: false,
      why: 'Carriers do not answer a challenge: the security group says who may call, the context what they reach.',
    },
    { name: 'manage-presence', value: false },
    { name: 'inbound-codec-prefs', value: codecs },
    { name: 'outbound-codec-prefs', value: codecs },
    { name: 'rtp-timer-name', value: 'soft' },
    { name: 'rfc2833-pt', value: 101 },
    { name: 'nonce-ttl', value: 60 },
    {
      name: 'apply-nat-acl',
      value: 'nat.auto',
      why: 'A phone that registers with a private address is behind NAT: it is answered where it came from, and pinged.',
    },
    { name: 'nat-options-ping', value: true },
    ...(vip.tls === null ? [] : [{ name: 'tls-version', value: 'tlsv1.2,tlsv1.3' }]),
  ];
}

function essential({ database, freeswitch }: Cluster, vip: VipConfig, index: number): Param[] {
  return [
    {
      name: 'profile-standby',
      value: variable(promotedVariable(vip.id), 'true'),
      why: 'A standby at every start. Promoted: the variable is -no, and "true-no" is false. Nothing here may set it.',
    },
    {
      name: 'track-calls',
      value: true,
      why: 'One row for each answered leg: without it nothing can be recovered.',
    },
    {
      name: 'sip-ip',
      value: variable(serviceIpVariable(vip.id)),
      why: 'A recovered leg binds the address that stands in its row, so it is the same on every node.',
    },
    { name: 'rtp-ip', value: variable(serviceIpVariable(vip.id)) },
    { name: 'sip-port', value: profilePort(vip.sipPort, index) },
    {
      name: 'ext-sip-ip',
      value: variable(publicIpVariable(vip.id)),
      why: 'Contact, Via and SDP carry the address that moves, towards every peer.',
    },
    { name: 'ext-rtp-ip', value: variable(publicIpVariable(vip.id)) },
    { name: 'local-network-acl', value: NO_PEER },
    ...(database.source === 'none' ? [] : [sharedRegistrations]),
    { name: 'force-register-domain', value: freeswitch.sipDomain },
    { name: 'force-register-db-domain', value: freeswitch.sipDomain },
    { name: 'challenge-realm', value: freeswitch.sipDomain },
    {
      name: 'sip-options-respond-503-on-busy',
      value: true,
      why: 'OPTIONS tells a full or paused node: 1.10 and 1.11.0 always do, later releases only with this.',
    },
    {
      name: 'inbound-reg-in-new-thread',
      value: true,
      why: 'With max-reg-threads: a database that hangs must not silence OPTIONS.',
    },
    ...tlsParams(vip, index),
  ];
}

const sharedRegistrations: Param = {
  name: 'odbc-dsn',
  value: variable('db_dsn'),
  why: 'Registrations are shared too. With auto-create-schemas=false a profile without it does not start.',
};

/** TLS is TCP, and so is half of SIP: the ports of a VIP's profiles must not meet. */
function tlsParams({ id, tls, sipPort, profiles }: VipConfig, index: number): Param[] {
  if (tls === null) return [];
  if (Math.abs(tls.port - sipPort) < profiles.length) {
    throw new UnderstudyError(
      `VIP ${id}: ${profiles.length} profiles from SIP port ${sipPort} and from TLS port ${tls.port} on take the same ` +
        `ports: set tls.port to ${sipPort + profiles.length} or more`,
    );
  }
  return [
    { name: 'tls', value: true },
    { name: 'tls-sip-port', value: profilePort(tls.port, index) },
    {
      name: 'tls-cert-dir',
      value: tlsFolder(id),
      why: 'agent.pem and cafile.pem, written by the node from its secret.',
    },
  ];
}

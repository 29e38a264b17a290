import type { Calls } from '../calls';
import type { Gateway } from '../gateways';
import type { Profile } from '../profile';
import { SOFIA_RULE } from '../recorded';
import type { SoftSwitch } from '../softswitch';

const XML_HEAD = '<?xml version="1.0" encoding="ISO-8859-1"?>\n';

/** `sofia status`. A profile in standby shows as RUNNING like any other. */
export function profileList(system: SoftSwitch): string {
  const profiles = system.runningProfiles;
  const line = (name: string, type: string, data: string, state: string): string =>
    `${name.padStart(25)}\t${type.padStart(7)}\t${data.padStart(42)}\t${state}\n`;
  const rows = profiles.map((profile) => line(profile.name, 'profile', profile.url, stateOf(profile, system.calls)));
  const gateways = gatewaysOf(system).map((gateway) =>
    line(`${gateway.profile.name}::${gateway.name}`, 'gateway', gateway.url, gateway.state),
  );
  const total = `${profiles.length} profile${profiles.length === 1 ? '' : 's'} 0 aliases\n`;
  const head = [line('Name', 'Type', 'Data', 'State'), `${SOFIA_RULE}\n`];
  return [...head, ...rows, ...gateways, `${SOFIA_RULE}\n`, total].join('');
}

/** `sofia xmlstatus` */
export function xmlProfileList(system: SoftSwitch): string {
  const rows = system.runningProfiles.map((profile) =>
    [
      '<profile>',
      `<name>${profile.name}</name>`,
      '<type>profile</type>',
      `<data>${profile.url}</data>`,
      `<state>${stateOf(profile, system.calls)}</state>`,
      '</profile>\n',
    ].join('\n'),
  );
  const gateways = gatewaysOf(system).map((gateway) =>
    [
      '<gateway>',
      `<name>${gateway.name}</name>`,
      '<type>gateway</type>',
      `<data>${gateway.url}</data>`,
      `<state>${gateway.state}</state>`,
      '</gateway>\n\n',
    ].join('\n'),
  );
  return `${XML_HEAD}<profiles>\n${rows.join('')}${gateways.join('')}</profiles>\n`;
}

/** `sofia status gateway NAME` or `PROFILE::NAME`, its first and its telling lines; null: no such gateway. */
export function gatewayDetails(system: SoftSwitch, name: string): string | null {
  const gateway = gatewaysOf(system).find((one) => name === one.name || name === `${one.profile.name}::${one.name}`);
  if (gateway === undefined) return null;
  const fields = [
    ['Name', gateway.name],
    ['Profile', gateway.profile.name],
    ['State', gateway.state],
    ['Status', gateway.state === 'UNREGED' ? 'DOWN' : 'UP'],
  ] as const;
  const lines = fields.map(([label, value]) => `${label.padEnd(8)}\t${value}\n`);
  return `${SOFIA_RULE}\n${lines.join('')}${SOFIA_RULE}\n`;
}

const gatewaysOf = (system: SoftSwitch): readonly Gateway[] =>
  system.gateways.filter((gateway) => gateway.profile.running);

/** `sofia status profile NAME` */
export function profileDetails(profile: Profile, calls: Calls): string {
  const rows = fieldsOf(profile).map(({ label, value }) => `${label.padEnd(17)}\t${value}\n`);
  const counters = [
    ['CALLS-IN', calls.incomingOn(profile.name)],
    ['FAILED-CALLS-IN', 0],
    ['CALLS-OUT', calls.outgoingOn(profile.name)],
    ['FAILED-CALLS-OUT', 0],
    ['REGISTRATIONS', 0],
  ] as const;
  return `${SOFIA_RULE}\n${rows.join('')}${counters.map(([label, n]) => `${label.padEnd(17)}\t${n}\n`).join('')}`;
}

/** `sofia xmlstatus profile NAME`. Its counters stand in another order than in the table. */
export function xmlProfileDetails(profile: Profile, calls: Calls): string {
  const rows = fieldsOf(profile).map(({ element, value }) => `    <${element}>${value}</${element}>\n`);
  const counters = [
    ['calls-in', calls.incomingOn(profile.name)],
    ['calls-out', calls.outgoingOn(profile.name)],
    ['failed-calls-in', 0],
    ['failed-calls-out', 0],
    ['registrations', 0],
  ] as const;
  const counted = counters.map(([element, count]) => `    <${element}>${count}</${element}>\n`);
  return `${XML_HEAD}<profile>\n  <profile-info>\n${rows.join('')}${counted.join('')}  </profile-info>\n</profile>\n`;
}

const stateOf = (profile: Profile, calls: Calls): string => `RUNNING (${calls.legsOn(profile.name)})`;

interface Field {
  label: string;
  element: string;
  value: string;
}

function fieldsOf(profile: Profile): Field[] {
  const { name, sipIp, publicAddress, realm } = profile.settings;
  const fields: [string, string, string][] = [
    ['Name', 'name', name],
    ['Domain Name', 'domain-name', 'N/A'],
    ['Auto-NAT', 'auto-nat', 'false'],
    ['DBName', 'db-name', `sofia_reg_${name}`],
    ['Pres Hosts', 'pres-hosts', ''],
    ['Dialplan', 'dialplan', 'XML'],
    ['Context', 'context', 'public'],
    ['Challenge Realm', 'challenge-realm', realm],
    ['RTP-IP', 'rtp-ip', sipIp],
    ['Ext-RTP-IP', 'ext-rtp-ip', publicAddress],
    ['SIP-IP', 'sip-ip', sipIp],
    ['Ext-SIP-IP', 'ext-sip-ip', publicAddress],
    ['URL', 'url', profile.url],
    ['BIND-URL', 'bind-url', `${profile.url};maddr=${sipIp};transport=udp,tcp`],
    ['HOLD-MUSIC', 'hold-music', 'N/A'],
    ['OUTBOUND-PROXY', 'outbound-proxy', 'N/A'],
    ['CODECS IN', 'inbound-codecs', 'PCMU,PCMA'],
    ['CODECS OUT', 'outbound-codecs', 'PCMU,PCMA'],
    ['TEL-EVENT', 'tel-event', '101'],
    ['DTMF-MODE', 'dtmf-mode', 'rfc2833'],
    ['CNG', 'cng', '13'],
    ['SESSION-TO', 'session-to', '0'],
    ['MAX-DIALOG', 'max-dialog', '0'],
    ['MAX-RECV-RPS', 'max-recv-rps', '1000'],
    ['NOMEDIA', 'nomedia', 'false'],
    ['LATE-NEG', 'late-neg', 'false'],
    ['PROXY-MEDIA', 'proxy-media', 'false'],
    ['AGGRESSIVENAT', 'aggressive-nat', 'false'],
  ];
  return fields.map(([label, element, value]) => ({ label, element, value }));
}

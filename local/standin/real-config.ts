import { promotedVariable } from './profile';
import type { NodeAddresses } from './freeswitch-process';

const MODULES = [
  'mod_console',
  'mod_event_socket',
  'mod_sofia',
  'mod_loopback',
  'mod_commands',
  'mod_dptools',
  'mod_dialplan_xml',
];

/**
 * `freeswitch.xml` for one node of the local demo: everything in one file, no database (SQLite, so no call can be
 * recovered), an echo extension, and the product's standby flag on each profile.
 */
export function renderConfiguration(node: NodeAddresses): string {
  return `<?xml version="1.0"?>
<document type="freeswitch/xml">
  <section name="configuration">
${configuration('modules.conf', `<modules>${MODULES.map((name) => `<load module="${name}"/>`).join('')}</modules>`)}
${configuration('post_load_modules.conf', '<modules/>')}
${configuration('pre_load_modules.conf', '<modules/>')}
${configuration('console.conf', `<mappings><map name="all" value="err,crit,alert"/></mappings>${settings({ loglevel: 'err' })}`)}
${configuration('timezones.conf', '<timezones><zone name="UTC" value="UTC0"/></timezones>')}
${configuration('acl.conf', accessLists())}
${configuration('switch.conf', settings({ switchname: node.name, 'event-heartbeat-interval': '2', 'max-sessions': '1000', 'sessions-per-second': '200' }))}
${configuration('event_socket.conf', settings(eventSocket(node)))}
${configuration('sofia.conf', `<profiles>${profiles(node).join('\n')}</profiles>`)}
  </section>
  <section name="dialplan">
    <context name="public">
      <extension name="echo">
        <condition field="destination_number" expression="^9196$">
          <action application="answer"/>
          <action application="echo"/>
        </condition>
      </extension>
    </context>
  </section>
  <section name="directory"/>
</document>
`;
}

function eventSocket(node: NodeAddresses): Record<string, string> {
  return {
    'listen-ip': node.management,
    'listen-port': String(node.eslPort),
    password: node.password,
    // Without this line nobody but 127.0.0.1 gets in.
    'apply-inbound-acl': 'esl_clients',
    'nat-map': 'false',
    'stop-on-bind-error': 'true',
  };
}

function accessLists(): string {
  return `<network-lists>
      <list name="esl_clients" default="deny"><node type="allow" cidr="127.0.0.0/8"/></list>
      <list name="no_nets" default="deny"/>
    </network-lists>`;
}

function profiles(node: NodeAddresses): string[] {
  return node.sip.flatMap((binding) =>
    binding.profiles.map((name, index) => {
      const parameters = settings({
        'sip-ip': binding.address,
        'rtp-ip': binding.address,
        'sip-port': String(binding.port + index),
        'ext-sip-ip': binding.publicAddress ?? binding.address,
        'ext-rtp-ip': binding.publicAddress ?? binding.address,
        'local-network-acl': 'no_nets',
        'sip-options-respond-503-on-busy': 'true',
        context: 'public',
        dialplan: 'XML',
        'auth-calls': 'false',
        'manage-presence': 'false',
        'inbound-codec-prefs': 'PCMU,PCMA',
        'outbound-codec-prefs': 'PCMU,PCMA',
        'rtp-timer-name': 'soft',
        'profile-standby': `true${expandedAtScan(promotedVariable(binding.vip))}`,
      });
      return `<profile name="${xml(name)}"><aliases/><gateways/><domains/>${parameters}</profile>`;
    }),
  );
}

const configuration = (name: string, content: string): string =>
  `    <configuration name="${name}">${content}</configuration>`;

function settings(parameters: Record<string, string>): string {
  const lines = Object.entries(parameters).map(([name, value]) => `<param name="${name}" value="${xml(value)}"/>`);
  // One a line: FreeSWITCH expands variables line by line, in a buffer of fixed size.
  return `<settings>\n${lines.join('\n')}\n</settings>`;
}

/** `$${name}`, which FreeSWITCH itself replaces whenever it reads the file; nothing may preset the variable. */
const expandedAtScan = (variable: string): string => ['$', '$', '{', variable, '}'].join('');

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What can be checked of a real FreeSWITCH's configuration without a real FreeSWITCH. */
import { renderConfiguration } from '../../../local/standin/real-config';
import { RealFreeSwitch } from '../../../local/standin/real';
import { startFreeSwitch } from '../../../local/standin/start';

const NODE = {
  name: 'node-1',
  management: '127.64.0.10',
  eslPort: 8021,
  password: 'a"b<c&d',
  sip: [{ vip: 'main-line', address: '127.64.0.20', port: 5060, profiles: ['external', 'second'] }],
};

const parameter = (name: string, value: string): string => `<param name="${name}" value="${value}"/>`;

describe('the configuration of a real FreeSWITCH', () => {
  const rendered = renderConfiguration(NODE);

  it('leaves both dollar signs for FreeSWITCH to expand at each scan', () => {
    expect(rendered).toContain(parameter('profile-standby', 'true$${promoted_main_line}'));
  });

  it('puts ESL on the management address and lets loopback in', () => {
    expect(rendered).toContain(parameter('listen-ip', '127.64.0.10'));
    expect(rendered).toContain(parameter('apply-inbound-acl', 'esl_clients'));
    expect(rendered).toContain('<node type="allow" cidr="127.0.0.0/8"/>');
  });

  it('gives each profile of a VIP its own port on the address of the VIP', () => {
    const ports = [...rendered.matchAll(/name="(sip-ip|sip-port)" value="([^"]+)"/g)].map((match) => match[2]);

    expect(ports).toEqual(['127.64.0.20', '5060', '127.64.0.20', '5061']);
  });

  it('answers OPTIONS with 503 when busy, as the product expects', () => {
    expect(rendered).toContain(parameter('sip-options-respond-503-on-busy', 'true'));
  });

  it('escapes what XML would misread', () => {
    expect(rendered).toContain(parameter('password', 'a&quot;b&lt;c&amp;d'));
  });
});

describe('starting a real FreeSWITCH', () => {
  it('says so when the program is not there', async () => {
    const attempt = startFreeSwitch(NODE, { UNDERSTUDY_FREESWITCH: '/nowhere/freeswitch' });

    await expect(attempt).rejects.toThrow('/nowhere/freeswitch ended or did not start');
  });

  it('says so when the program ends at once', async () => {
    const attempt = RealFreeSwitch.start({ ...NODE, binary: process.execPath });

    await expect(attempt).rejects.toThrow(/node-1: .* ended or did not start/);
  });
});

import { spawnSync } from 'node:child_process';
import { addressRules, privateVariable } from '../../../lib/freeswitch/host/address-rules';
import { installed, NodeFolder, settings } from './node-folder';

const VIPS = [
  { id: 'main-line', serviceAddress: '10.255.0.10' },
  { id: 'side', serviceAddress: '10.255.0.20' },
];

describe('the mapping of addresses', () => {
  const rules = addressRules(VIPS);

  it('changes only what is sent to a private address of a VIP, and only on the primary interface', () => {
    const changed = rules.split('\n').filter((line) => line.includes(' set '));
    expect(changed.map((line) => line.trim())).toEqual([
      'ip daddr $private_main_line meta l4proto { tcp, udp } notrack ip daddr set 10.255.0.10',
      'ip daddr $private_side meta l4proto { tcp, udp } notrack ip daddr set 10.255.0.20',
      'oifname $interface ip saddr 10.255.0.10 ip saddr set $private_main_line',
      'oifname $interface ip saddr 10.255.0.20 ip saddr set $private_side',
    ]);
    expect(rules).toContain('iifname != $interface accept');
  });

  it('comes before connection tracking and keeps nothing in it', () => {
    expect(rules).toContain('hook prerouting priority raw');
    expect(rules).toContain('ip saddr { 10.255.0.10, 10.255.0.20 } notrack');
    expect(rules).not.toMatch(/\b(dnat|snat|masquerade|ct state)\b/);
  });

  it('replaces itself in one transaction and leaves the tables of others alone', () => {
    expect(rules.match(/^delete table .*/gm)).toEqual(['delete table ip understudy']);
    expect(rules).not.toContain('flush ruleset');
  });

  it('refuses two VIPs with one service address', () => {
    expect(() => addressRules([{ id: 'a', serviceAddress: '10.255.0.10' }, ...VIPS])).toThrow('same service address');
  });

  const nft = installed('nft', 'list', 'tables') ? it : it.skip;
  nft.each([
    ['two VIPs', VIPS],
    ['none', []],
  ])('is taken by nft, with %s (needs nft and CAP_NET_ADMIN)', (_what, vips) => {
    const definitions = vips.flatMap(({ id }, index) => ['--define', `${privateVariable(id)}=10.99.1.${21 + index}`]);
    const args = ['--check', '--define', 'interface=ens5', ...definitions, '--file', '-'];
    const { status, stderr } = spawnSync('nft', args, { input: addressRules(vips), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('addresses, on the node', () => {
  let node: NodeFolder;
  afterEach(() => node.remove());

  /** Stand-ins that write down how they were called. */
  function prepare(of = settings): NodeFolder {
    node = new NodeFolder(of);
    const note = (name: string, answer = ''): void =>
      node.stub(name, `echo "${name} $*" >> "${node.root}/calls"\n${answer}`);
    note('nft');
    note('ip', 'case "$*" in "-o link") echo "2: ens5@if3: <UP> link/ether 02:00:00:00:00:0b brd ff" ;; esac');
    node.write('calls', '');
    return node;
  }
  const withPrivate = (privateAddress: string): typeof settings => ({
    ...settings,
    vips: settings.vips.map((vip) => ({ ...vip, privateAddress })),
  });

  it('puts the service address on lo and hands nft the interface and the private address', () => {
    const { code } = prepare().run('addresses');
    expect(code).toBe(0);
    expect(node.read('calls')).toContain('ip address replace 10.255.0.10/32 dev lo');
    expect(node.read('calls')).toContain('nft --define interface=ens5 --define private_main_line=10.99.1.21 --file');
  });

  it('changes nothing that is right, and loads again what somebody flushed', () => {
    prepare().run('addresses');
    node.run('addresses');
    const loads = (): number => node.read('calls').split('--file').length - 1;
    expect(loads()).toBe(1);
    node.stub('nft', `echo "nft $*" >> "${node.root}/calls"\n[ "$1" != list ]`);
    node.run('addresses');
    expect(loads()).toBe(2);
  });

  it('never maps the primary address', () => {
    const { code, err } = prepare(withPrivate('10.99.1.11')).run('addresses');
    expect([code, err]).toEqual([1, expect.stringContaining("is the node's own address and is never mapped")]);
    expect(node.read('calls')).not.toContain('nft --define');
  });

  it('refuses an address that the interface does not have', () => {
    const { code, err } = prepare(withPrivate('10.99.1.77')).run('addresses');
    expect([code, err]).toEqual([1, expect.stringContaining('10.99.1.77 is no address of ens5')]);
  });

  it('binds the private address itself where a VIP has no service address', () => {
    const vips = settings.vips.map((vip) => ({ ...vip, serviceAddress: null }));
    prepare({ ...settings, vips }).run('addresses');
    expect(node.read('calls')).toContain('ip address replace 10.99.1.21/32 dev ens5');
    expect(node.read('calls')).not.toContain('private_main_line');
  });
});

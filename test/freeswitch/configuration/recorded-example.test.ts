import { renderNodeConfiguration } from '../../../lib/freeswitch/configuration';
import { cluster, contentOf, find, paramsOf, parseXml, recordedExample } from './fixture';

/** Params that have another value here than in the recorded example, and why. */
const DIFFERENT: Record<string, Record<string, { value: string; why: string }>> = {
  'autoload_configs/event_socket.conf.xml': {
    'listen-port': { value: '$${esl_port}', why: 'the port of a node is configured' },
    'stop-on-bind-error': { value: 'false', why: 'a port that is taken for a moment must not cost ESL for good' },
  },
  'autoload_configs/switch.conf.xml': {
    switchname: { value: '$${node_id}', why: 'one name for each node: rows and registrations tell who wrote them' },
  },
  'sip_profiles/external-a.xml': {
    'sip-ip': { value: '$${service_ip_a}', why: 'one service address for each VIP' },
    'rtp-ip': { value: '$${service_ip_a}', why: 'one service address for each VIP' },
    'ext-sip-ip': { value: '$${public_ip_a}', why: 'one public address for each VIP' },
    'ext-rtp-ip': { value: '$${public_ip_a}', why: 'one public address for each VIP' },
    'local-network-acl': { value: 'no_peer', why: 'another name for the same empty list' },
  },
};

/** Params that the recorded example, which is older than section 8 of the facts, does not have. */
const ADDED: Record<string, string[]> = {
  'autoload_configs/switch.conf.xml': ['auto-create-schemas', 'rtp-port-usage-robustness', 'rtp-retain-crypto-keys'],
  'autoload_configs/logfile.conf.xml': ['maximum-rotate'],
  'sip_profiles/external-a.xml': ['profile-standby', 'inbound-reg-in-new-thread', 'apply-nat-acl', 'nat-options-ping'],
};

const example = recordedExample();
const ours = renderNodeConfiguration({ cluster: cluster(), nodeId: 'node-1' });

/** Of the example's sofia.conf the one profile, which has a file of its own here. */
const theirParams = (path: string): Record<string, string> => {
  if (!path.startsWith('sip_profiles/')) return paramsOf(contentOf(example, path));
  const { 'log-level': _global, ...profile } = paramsOf(contentOf(example, 'autoload_configs/sofia.conf.xml'));
  return profile;
};

describe('beside the configuration with which 200 of 200 calls survived', () => {
  test.each([
    'autoload_configs/switch.conf.xml',
    'autoload_configs/event_socket.conf.xml',
    'autoload_configs/console.conf.xml',
    'autoload_configs/logfile.conf.xml',
    'sip_profiles/external-a.xml',
  ])('%s has its params, and where not there is a reason', (path) => {
    const different = DIFFERENT[path] ?? {};
    const expected = {
      ...theirParams(path),
      ...Object.fromEntries(Object.entries(different).map(([name, { value }]) => [name, value])),
    };
    const rendered = paramsOf(contentOf(ours, path));
    for (const name of ADDED[path] ?? []) {
      expect(Object.keys(rendered)).toContain(name);
      delete rendered[name];
    }
    expect(rendered).toEqual(expected);
  });

  test.each(['pre_load_modules', 'modules', 'post_load_modules'])('%s loads the same, in the same order', (name) => {
    const modulesOf = (files: typeof ours): (string | undefined)[] =>
      find(parseXml(contentOf(files, `autoload_configs/${name}.conf.xml`)), 'load').map(
        (each) => each.attributes['module'],
      );

    expect(modulesOf(ours)).toEqual(modulesOf(example));
  });

  test('the lists are an empty one, and one for ESL', () => {
    const listsOf = (files: typeof ours) => find(parseXml(contentOf(files, 'autoload_configs/acl.conf.xml')), 'list');
    const shape = (files: typeof ours): (number | string | undefined)[][] =>
      listsOf(files).map(({ attributes, children }) => [attributes['default'], children.length]);

    expect(shape(ours)).toEqual(shape(example));
  });

  test('no file of the example is missing here but its own dialplan and directory', () => {
    const paths = ours.map(({ path }) => path);

    const missing = example.map(({ path }) => path).filter((path) => !paths.includes(path));

    expect(missing.sort()).toEqual(['dialplan/public.xml', 'directory/lab.xml', 'node.xml']);
  });
});

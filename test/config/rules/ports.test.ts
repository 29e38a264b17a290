import { BASE, HERE, load, replaceOnce } from '../fixture';
import { PROFILES, refusesEach, secret } from '../mistakes';

const tls = (port: string): string => `        tls:\n          secretArn: ${secret('tls')}\n${port}`;

refusesEach('ports of profiles', [
  {
    name: 'a second profile on the port of TLS',
    change: [
      [
        PROFILES,
        '        profiles: [external, internal]\n' + `        tls: { secretArn: '${secret('tls')}' }${HERE}\n`,
      ],
    ],
    path: 'clusters[0].vips[0].tls',
    says: /listens on 5061 without TLS already .*: write tls\.port: 5062/,
  },
  {
    name: 'TLS on the event socket',
    change: [[PROFILES, `${PROFILES}${tls(`          port: 8021${HERE}\n`)}`]],
    path: 'clusters[0].vips[0].tls.port',
    says: /8021 is the ESL port of a node/,
  },
  {
    name: 'a further profile on the event socket',
    change: [[PROFILES, `        profiles: [external, internal]\n        sipPort: 8020${HERE}\n`]],
    path: 'clusters[0].vips[0].sipPort',
    says: /8021 is the ESL port of a node/,
  },
  {
    name: 'a further profile among the media',
    change: [[PROFILES, `        profiles: [external, internal]\n        sipPort: 16383${HERE}\n`]],
    path: 'clusters[0].vips[0].sipPort',
    says: /SIP port 16384 lies in the RTP range/,
  },
  {
    name: 'a profile beyond the last port',
    change: [[PROFILES, `        profiles: [external, internal]\n        sipPort: 65535${HERE}\n`]],
    path: 'clusters[0].vips[0].sipPort',
    says: /would listen on 65536: begin at a lower port/,
  },
  {
    name: 'a certificate of another region',
    change: [[PROFILES, `${PROFILES}        tls:\n          secretArn: ${secret('tls', 'eu-west-1')}${HERE}\n`]],
    path: 'clusters[0].vips[0].tls.secretArn',
    says: /lives in eu-west-1/,
  },
]);

describe('ports that are opened to callers', () => {
  it('are those of every profile, and over TCP those of TLS', () => {
    const text = replaceOnce(
      BASE,
      PROFILES,
      `        profiles: [external, internal]\n${tls('          port: 5063\n')}`,
    );

    const [cluster] = load(text).clusters;

    expect(cluster?.ingress.map(({ protocol, fromPort, toPort }) => `${protocol} ${fromPort}-${toPort}`)).toEqual([
      'udp 5060-5061',
      'tcp 5060-5061',
      'tcp 5063-5064',
      'udp 16384-32768',
    ]);
  });
});

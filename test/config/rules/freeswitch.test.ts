import { HERE } from '../fixture';
import { RTP, refusesEach, secret } from '../mistakes';

const freeswitch = (lines: string): [string, string][] => [[RTP, `    freeswitch:\n${lines}${RTP}`]];
const packages = (arn: string): [string, string][] =>
  freeswitch(`      install:\n        packages:\n          tokenSecretArn: ${arn}\n`);

refusesEach('FreeSWITCH', [
  {
    name: 'a version without quotes, which YAML reads as 1.1',
    change: freeswitch(`      version: 1.10${HERE}\n`),
    path: 'clusters[0].freeswitch.version',
    says: /one of 1\.10, 1\.11, in quotes; here is 1\.1$/,
  },
  {
    name: 'a version that nobody has tried',
    change: freeswitch(`      version: '1.8'${HERE}\n`),
    path: 'clusters[0].freeswitch.version',
    says: /one of 1\.10, 1\.11; here is "1\.8"/,
  },
  {
    name: 'a domain with a port',
    change: freeswitch(`      sipDomain: sip.example.com:5060${HERE}\n`),
    path: 'clusters[0].freeswitch.sipDomain',
    says: /a name in lower case with a dot inside/,
  },
  {
    name: 'no codec',
    change: freeswitch(`      codecs: []${HERE}\n`),
    path: 'clusters[0].freeswitch.codecs',
    says: /at least 1 item/,
  },
  {
    name: 'a codec that would end the attribute it stands in',
    change: freeswitch(`      codecs: ['PCMU"/>']${HERE}\n`),
    path: 'clusters[0].freeswitch.codecs[0]',
    says: /a codec like PCMU/,
  },
  {
    name: 'a codec twice',
    change: freeswitch(`      codecs: [PCMU, PCMA, PCMU]${HERE}\n`),
    path: 'clusters[0].freeswitch.codecs[2]',
    says: /PCMU is named twice/,
  },
  {
    name: 'a module by its path',
    change: freeswitch(`      modules: [../mod_evil]${HERE}\n`),
    path: 'clusters[0].freeswitch.modules[0]',
    says: /a module like mod_conference/,
  },
  {
    name: 'files from two places',
    change: freeswitch(`      userFiles: { folder: ./fs, s3: { bucket: files, prefix: fs/ } }${HERE}\n`),
    path: 'clusters[0].freeswitch.userFiles',
    says: /exactly one of `folder` and `s3`/,
  },
  {
    name: 'a prefix that begins with a slash, which is another key',
    change: freeswitch(`      userFiles: { s3: { bucket: files, prefix: /fs/ } }${HERE}\n`),
    path: 'clusters[0].freeswitch.userFiles.s3.prefix',
    says: /without a slash at its beginning; here is "\/fs\/"/,
  },
  {
    name: 'packages where nothing is reached',
    change: [
      ['nodeEgress: nat', 'nodeEgress: endpoints'],
      [RTP, `    freeswitch:\n      install: { packages: { tokenSecretArn: '${secret('token')}' } }${HERE}\n${RTP}`],
    ],
    path: 'clusters[0].freeswitch.install',
    says: /bake FreeSWITCH into the image .*, or choose another nodeEgress/,
  },
  {
    name: 'a token from another region',
    change: packages(`${secret('token', 'eu-west-1')}${HERE}`),
    path: 'clusters[0].freeswitch.install.packages.tokenSecretArn',
    says: /lives in eu-west-1: replicate it to us-east-1/,
  },
  {
    name: 'more sessions than the written media ports carry',
    change: [[RTP, `    rtpPorts: 16384-18381${HERE}\n${RTP}`]],
    path: 'clusters[0].rtpPorts',
    says: /have 999 pairs of ports, and freeswitch\.maxSessions allows 1000 .*: widen rtpPorts, or write maxSessions: 999/,
  },
  {
    name: 'more sessions than the default media ports carry',
    change: freeswitch(`      maxSessions: 8193${HERE}\n`),
    path: 'clusters[0].freeswitch.maxSessions',
    says: /rtpPorts 16384-32768 have 8192 pairs of ports/,
  },
]);

import { HERE } from '../fixture';
import { RTP, SIP_FROM, refusesEach } from '../mistakes';

refusesEach('sources of calls', [
  {
    name: 'no sources at all',
    change: [
      [`          from: [203.0.113.0/24]\n      rtp`, `      rtp`],
      ['        - description: carrier', `        - description: carrier${HERE}`],
    ],
    path: 'clusters[0].callers.sip[0].from',
    says: /is missing/,
  },
  {
    name: 'the whole internet',
    change: [[SIP_FROM, `carrier\n          from: [0.0.0.0/0]${HERE}`]],
    path: 'clusters[0].callers.sip[0].from[0]',
    says: /0.0.0.0\/0 lets strangers in.*iUnderstandTheWholeInternetCanReachThis/,
  },
  {
    name: 'half of the internet',
    change: [[SIP_FROM, `carrier\n          from: [203.0.113.0/24, 128.0.0.0/1]${HERE}`]],
    path: 'clusters[0].callers.sip[0].from[1]',
    says: /128.0.0.0\/1 lets strangers in/,
  },
  {
    name: 'the whole internet for media',
    change: [['media\n          from: [203.0.113.0/24]', `media\n          from: [0.0.0.0/0]${HERE}`]],
    path: 'clusters[0].callers.rtp[0].from[0]',
    says: /lets strangers in/,
  },
  {
    name: 'consent where none is needed',
    change: [[SIP_FROM, `${SIP_FROM}\n          iUnderstandTheWholeInternetCanReachThis: true${HERE}`]],
    path: 'clusters[0].callers.sip[0].iUnderstandTheWholeInternetCanReachThis',
    says: /remove this key/,
  },
  {
    name: 'consent that says no',
    change: [[SIP_FROM, `${SIP_FROM}\n          iUnderstandTheWholeInternetCanReachThis: false${HERE}`]],
    path: 'clusters[0].callers.sip[0].iUnderstandTheWholeInternetCanReachThis',
    says: /one of true; here is false/,
  },
  {
    name: 'a source with bits right of its prefix',
    change: [[SIP_FROM, `carrier\n          from: [203.0.113.7/24]${HERE}`]],
    path: 'clusters[0].callers.sip[0].from[0]',
    says: /write 203.0.113.0\/24/,
  },
  {
    name: 'an address without a prefix',
    change: [[SIP_FROM, `carrier\n          from: [203.0.113.7]${HERE}`]],
    path: 'clusters[0].callers.sip[0].from[0]',
    says: /IPv4 range like/,
  },
]);

const ports = (of: number): string => Array.from({ length: 10 }, (_, index) => of * 100 + index).join(', ');
const carriers = [60, 61, 62, 63, 64, 65, 66, 67, 68, 69].flatMap((of) => [
  `        - description: carrier ${of}`,
  `          ports: [${ports(of)}]`,
  `          from: [203.0.113.0/24, 198.51.100.0/24, 192.0.2.0/24, 203.0.112.0/24, 203.0.111.0/24]`,
]);

refusesEach('rules of the security group', [
  {
    name: 'more of them than any quota allows',
    change: [
      ['    callers:\n', `    callers:${HERE}\n`],
      ['      rtp:\n', `${carriers.join('\n')}\n      rtp:\n`],
    ],
    path: 'clusters[0].callers',
    says: /needs 1005 inbound rules.*No quota of AWS goes beyond 1000/,
  },
]);

refusesEach('ports', [
  {
    name: 'an RTP range that begins odd',
    change: [[RTP, `    rtpPorts: 16385-32768${HERE}\n${RTP}`]],
    path: 'clusters[0].rtpPorts',
    says: /even port.*write 16386/,
  },
  {
    name: 'an RTP range backwards',
    change: [[RTP, `    rtpPorts: 32768-16384${HERE}\n${RTP}`]],
    path: 'clusters[0].rtpPorts',
    says: /runs backwards/,
  },
  {
    name: 'an RTP range beyond the last port',
    change: [[RTP, `    rtpPorts: 16384-65536${HERE}\n${RTP}`]],
    path: 'clusters[0].rtpPorts',
    says: /stay within 1024-65535/,
  },
  {
    name: 'a SIP port inside the RTP range',
    change: [['profiles: [external]', `profiles: [external]\n        sipPort: 20000${HERE}`]],
    path: 'clusters[0].vips[0].sipPort',
    says: /SIP port 20000 lies in the RTP range 16384-32768/,
  },
  {
    name: 'a SIP port that is an ESL port',
    change: [['profiles: [external]', `profiles: [external]\n        sipPort: 8021${HERE}`]],
    path: 'clusters[0].vips[0].sipPort',
    says: /8021 is the ESL port/,
  },
  {
    name: 'an ESL port opened to callers',
    change: [[SIP_FROM, `${SIP_FROM}\n          ports: [5060, 8021]${HERE}`]],
    path: 'clusters[0].callers.sip[0].ports[1]',
    says: /callers must never reach ESL/,
  },
  {
    name: 'an ESL port inside the RTP range',
    change: [['zone: us-east-1b\n', `zone: us-east-1b\n        eslPort: 16400${HERE}\n`]],
    path: 'clusters[0].nodes[1].eslPort',
    says: /ESL port 16400 lies in the RTP range/,
  },
]);

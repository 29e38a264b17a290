/** What the stacks leave to others of a VPC, and what makes a node replaceable. */
import { mutantsOf, type Mutant } from '../mutant';

const NETWORK = ['test/infra/network'];
const REPLACEMENT = ['test/infra/nodes/replacement'];

export const STACKS: Mutant[] = [
  ...mutantsOf('lib/infra/network/security-groups.ts', NETWORK, [
    {
      id: 'endpoint-for-the-whole-vpc',
      rule: 'an endpoint that takes over a name in a VPC that is not ours admits all of it',
      find: "if (network.source === 'existing') {",
      replace: 'if (network.cidr === "") {',
    },
    {
      id: 'functions-out-to-an-endpoint-that-exists',
      rule: 'functions reach an endpoint that another cluster made',
      find: 'makesEndpoints(network) ? this.endpoints : vpc',
      replace: 'this.endpoints',
    },
  ]),
  ...mutantsOf('lib/infra/network/endpoints.ts', NETWORK, [
    {
      id: 'endpoint-policy-for-ours-alone',
      rule: 'other workloads of a VPC may go to other accounts through our endpoint',
      find: "if (network.source === 'create') {",
      replace: 'if (network.cidr !== "") {',
    },
  ]),
  ...mutantsOf('lib/infra/nodes/vip-addresses.ts', NETWORK, [
    {
      id: 'vips-called-past-nat',
      rule: 'a call from one VIP to another leaves by its own Elastic IP',
      find: 'for (const way of network.waysPastNat) {',
      replace: 'for (const way of network.waysPastNat.slice(1)) {',
    },
  ]),
  ...mutantsOf('lib/infra/network/node-routes.ts', NETWORK, [
    {
      id: 'vip-routes-are-counted',
      rule: 'a route table that would be too small is refused before it is deployed',
      find: 'if (callers.length + vips > MAX_CALLER_ROUTES) {',
      replace: 'if (callers.length > MAX_CALLER_ROUTES) {',
    },
  ]),
  ...mutantsOf('lib/infra/nodes/node-fingerprint.ts', REPLACEMENT, [
    {
      id: 'interface-of-its-own',
      rule: 'an instance that replaces another has an interface of its own',
      find: 'sha256({ imageId, volumeGiB, rootDevice: ROOT_DEVICE })',
      replace: 'sha256({ imageId: imageId.length, volumeGiB, rootDevice: ROOT_DEVICE })',
    },
  ]),
  ...mutantsOf('lib/infra/nodes/cluster-nodes.ts', REPLACEMENT, [
    {
      id: 'nodes-are-not-imported',
      rule: 'no import keeps a node from being replaced or left out',
      find: '    mayChange(this);\n',
      replace: '',
    },
  ]),
];

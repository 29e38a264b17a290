/** What a deployment may claim, keep, replace and take back. */
import { mutantsOf, type Mutant } from '../mutant';

const REGISTER = ['test/operations/register'];
const REGISTRAR = ['test/operations/registrar', ...REGISTER];
const UNREGISTER = ['test/operations/unregister', 'test/operations/register.test'];

export const DEPLOYMENT: Mutant[] = [
  ...mutantsOf('lib/operations/register.ts', REGISTER, [
    {
      id: 'register-no-lost-holder',
      rule: 'what is in use does not vanish from the topology',
      find: '  if (previous !== null) await refuseLosses(deps, previous, topology);\n\n',
      replace: '',
    },
    {
      id: 'register-refuses-lost-holders-first',
      rule: 'a holder that would be lost refuses the deployment before anything is claimed',
      find: `  if (previous !== null) await refuseLosses(deps, previous, topology);

  const epochs = worldEpochs(topology, addresses, names);
  await claim(deps, topology, addresses);`,
      replace: `  await claim(deps, topology, addresses);
  if (previous !== null) await refuseLosses(deps, previous, topology);
  const epochs = worldEpochs(topology, addresses, names);`,
    },
    {
      id: 'register-items-before-topology',
      rule: 'a topology names nothing that has no item',
      find: '  await makeItems(deps, topology, epochs);\n',
      replace: '  await deps.store.putTopology(topology);\n  await makeItems(deps, topology, epochs);\n',
    },
    {
      id: 'register-catches-up',
      rule: 'a table that is behind the world is raised',
      find: '  await catchUp(deps, epochs);\n',
      replace: '',
    },
    {
      id: 'register-stands-unwoken',
      rule: 'a function that could not be woken rolls no deployment back',
      find: 'log.warn(`${functionName} was not woken',
      replace: 'throw error;\n      log.warn(`${functionName} was not woken',
    },
    {
      id: 'register-unread-is-not-first',
      rule: 'a store that does not answer is not taken for an empty one',
      find: 'if (error instanceof NotRegistered) return null;',
      replace: 'if (error instanceof Error) return null;',
    },
    {
      id: 'register-no-foreign-node',
      rule: 'a node of another deployment is not claimed',
      find: 'refuseForeign(`node ${node.id} (${instance.instanceId})`, instance.owner, request.owner);',
      replace: '',
    },
    {
      id: 'register-zone-as-written',
      rule: 'a node is where its configuration says',
      find: 'if (instance.zone !== node.zone) {',
      replace: "if (instance.zone === '') {",
    },
    {
      id: 'register-address-of-the-same-instance',
      rule: 'the addresses of an earlier instance are not those of its successor',
      find: 'each.id === node.id && each.instanceId === instance.instanceId',
      replace: 'each.id === node.id',
    },
    {
      id: 'register-created-node-by-order',
      rule: 'addresses of a node that we made follow the order of its user data',
      find: 'node.fingerprint === null ? (before?.vipAddresses ?? {}) : {}',
      replace: 'before?.vipAddresses ?? {}',
    },
    {
      id: 'register-keeps-addresses',
      rule: 'a VIP keeps its private address on an adopted node',
      find: 'node.fingerprint === null ? (before?.vipAddresses ?? {}) : {}',
      replace: '{}',
    },
    {
      id: 'register-no-foreign-address',
      rule: 'an address of another deployment is not claimed',
      find: 'refuseForeign(`Elastic IP ${facts.publicIp} of VIP ${vip.id}`, facts.owner, request.owner);',
      replace: '',
    },
    {
      id: 'register-ours-is-not-foreign',
      rule: 'what is ours already is deployed again',
      find: 'if (actual === null || actual === ours) return;',
      replace: 'if (actual === null) return;',
    },
    {
      id: 'register-unmarked-is-free',
      rule: 'what nobody has marked is claimed',
      find: 'if (actual === null || actual === ours) return;',
      replace: 'if (actual === ours) return;',
    },
    {
      id: 'register-callers-stay',
      rule: 'the node that carries the address is its first holder',
      find: 'firstHolder: carrier?.id ?? previous?.vips',
      replace: 'firstHolder: previous?.vips',
    },
    {
      id: 'register-first-holder-stays',
      rule: 'a first holder is not forgotten by a deployment that cannot tell',
      find: 'carrier?.id ?? previous?.vips.find((each) => each.id === vip.id)?.firstHolder ?? null',
      replace: 'carrier?.id ?? null',
    },
    {
      id: 'register-claims-once',
      rule: 'an address that is ours keeps the epoch in its mark, which moves while we read',
      find: 'facts === null || facts.owner !== null',
      replace: 'facts === null',
    },
    {
      id: 'register-claim-keeps-epoch',
      rule: 'a mark does not forget the epoch that it had',
      find: 'epoch: facts.epoch ?? 0 })',
      replace: 'epoch: 0 })',
    },
    {
      id: 'register-no-foreign-name',
      rule: 'a DNS name of another deployment is not claimed',
      find: "  refuseForeign(`DNS name ${privateDns?.name ?? ''}`, record?.owner ?? null, request.owner);\n",
      replace: '',
    },
    {
      id: 'register-epoch-of-the-name',
      rule: 'a table is not behind the epoch of a name',
      find: 'Math.max(names[index]?.epoch ?? 0, addresses[index]?.epoch ?? 0)',
      replace: '(addresses[index]?.epoch ?? 0)',
    },
    {
      id: 'register-epoch-of-the-address',
      rule: 'a table is not behind the epoch of an address',
      find: 'Math.max(names[index]?.epoch ?? 0, addresses[index]?.epoch ?? 0)',
      replace: '(names[index]?.epoch ?? 0)',
    },
    {
      id: 'register-first-holder-by-name',
      rule: 'the callers of a VIP without an Elastic IP stay where its name leads',
      find: '    address === null\n',
      replace: '    false\n',
    },
    {
      id: 'register-first-holder-by-address',
      rule: 'where it has one, that decides',
      find: "name?.addresses.includes(vipAddresses[vip.id] ?? '') === true\n      : instanceId === address.association?.instanceId",
      replace:
        "name?.addresses.includes(vipAddresses[vip.id] ?? '') === true\n      : name?.addresses.includes(vipAddresses[vip.id] ?? '') === true",
    },
    {
      id: 'register-new-table-starts-paused',
      rule: 'a new table in a world with epochs starts paused',
      find: 'paused: behind.length > 0,',
      replace: 'paused: false,',
    },
    {
      id: 'register-first-one-starts',
      rule: 'a first deployment starts at once',
      find: 'paused: behind.length > 0,',
      replace: 'paused: true,',
    },
    {
      id: 'register-new-table-is-ahead',
      rule: 'a new table starts one epoch ahead of the world',
      find: 'behind.map(([vipId, epoch]) => [vipId, epoch + 1])',
      replace: 'behind.map(([vipId, epoch]) => [vipId, epoch])',
    },
    {
      id: 'register-as-far-is-not-behind',
      rule: 'a table that is as far as the world is left alone',
      find: 'vip.epoch < (world[vip.vipId] ?? 0)',
      replace: 'vip.epoch <= (world[vip.vipId] ?? 0)',
    },
    {
      id: 'register-pauses-a-table-behind',
      rule: 'a table that was behind is paused',
      find: "  await deps.store.setPaused({ kind: 'cluster' }, true, TABLE_IS_BEHIND);\n",
      replace: '',
    },
    {
      id: 'register-pauses-before-raising',
      rule: 'a VIP whose holder is forgotten is assigned by nobody before the cluster is paused',
      find: `  await deps.store.setPaused({ kind: 'cluster' }, true, TABLE_IS_BEHIND);
  for (const { vipId } of stale) await deps.store.adoptEpoch(vipId, (world[vipId] ?? 0) + 1, deps.clock.wallMs());
`,
      replace: `  for (const { vipId } of stale) await deps.store.adoptEpoch(vipId, (world[vipId] ?? 0) + 1, deps.clock.wallMs());
  await deps.store.setPaused({ kind: 'cluster' }, true, TABLE_IS_BEHIND);
`,
    },
    {
      id: 'register-raises-past-the-world',
      rule: 'a table that was behind is one epoch ahead',
      find: '(world[vipId] ?? 0) + 1',
      replace: '(world[vipId] ?? 0)',
    },
    {
      id: 'replacement-rolled-back',
      rule: 'a rollback to what is registered is admitted',
      find: '(fingerprint === undefined || fingerprint !== registered.get(id))',
      replace: 'id !== ""',
    },
    {
      id: 'replacement-removed-node',
      rule: 'a holder that would be removed refuses the deployment',
      find: '(fingerprint === undefined || fingerprint !== registered.get(id))',
      replace: '(fingerprint !== undefined && fingerprint !== registered.get(id))',
    },
    {
      id: 'replacement-unchanged-node',
      rule: 'a holder that stays as it is refuses nothing',
      find: 'return fingerprint !== before.nodes[id] && (',
      replace: 'return (',
    },
    {
      id: 'replacement-of-a-holder',
      rule: 'a holder is not replaced',
      find: 'if (held.length > 0) {',
      replace: 'if (held.length < 0) {',
    },
    {
      id: 'replacement-of-a-standby',
      rule: 'a standby may be replaced',
      find: 'holder !== null && changed.includes(holder.nodeId)',
      replace: 'holder !== null',
    },
    {
      id: 'replacement-of-a-left-node',
      rule: 'a node that was left and may act still is not replaced',
      find: 'if (left.length === 0) return;',
      replace: 'if (left.length >= 0) return;',
    },
    {
      id: 'replacement-of-another-than-the-left-node',
      rule: 'a node that nobody left may be replaced while another is fenced',
      find: '.filter(({ nodeId }) => changed.includes(nodeId));',
      replace: ';',
    },
    {
      id: 'replacement-before-the-fence',
      rule: 'a node that is not fenced yet is not replaced',
      find: "['fence', 'lock'])",
      replace: "['lock'])",
    },
    {
      id: 'replacement-before-the-lock',
      rule: 'a node that is not locked yet is not replaced',
      find: "['fence', 'lock'])",
      replace: "['fence'])",
    },
    {
      id: 'register-puts-back-what-was-chosen',
      rule: 'a topology that lacks the target of a decision does not stay',
      find: '    await deps.store.putTopology(previous);\n    throw error;',
      replace: '    throw error;',
    },
    {
      id: 'register-refuses-what-was-chosen',
      rule: 'a deployment that took the target of a decision away is no success',
      find: '    await deps.store.putTopology(previous);\n    throw error;',
      replace: '    await deps.store.putTopology(previous);',
    },
    {
      id: 'register-waits-for-decisions',
      rule: 'a decision that is on its way when the topology changes is waited for',
      find: '  await deps.clock.sleep(DECISION_MS);\n',
      replace: '',
    },
    {
      id: 'register-waits-only-where-it-takes-away',
      rule: 'a deployment that takes nothing away waits for nothing',
      find: '  if (!takesAway(previous, topology)) return;\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/register-in-use.ts', REGISTER, [
    {
      id: 'register-unheld-vip-may-go',
      rule: 'a VIP that nobody holds may be left out',
      find: 'if (holder === null) continue;',
      replace: '',
    },
    {
      id: 'register-held-vip-stays',
      rule: 'a VIP that is held is not left out',
      find: 'if (vip === undefined) {',
      replace: 'if (vip === undefined) continue;\n    if (vip === null) {',
    },
    {
      id: 'register-holder-stays-candidate',
      rule: 'a holder stays a candidate',
      find: 'if (!vip.candidates.includes(holder.nodeId)) {',
      replace: 'if (vip.candidates.length === 0) {',
    },
    {
      id: 'register-holder-keeps-its-instance',
      rule: 'the instance of a holder is not taken from it',
      find: 'if (why !== null) await refuseLiving(',
      replace: 'if (why === "") await refuseLiving(',
    },
    {
      id: 'register-left-node-stays',
      rule: 'a node that was left and is not proved harmless is not left out',
      find: '    if (why !== null) throw new OutsideRefused(`${node.id} cannot',
      replace: '    if (why === "") throw new OutsideRefused(`${node.id} cannot',
    },
    {
      id: 'register-ended-instance-may-be-replaced',
      rule: 'an instance that was stopped proves that its process is gone',
      find: "view.state === 'stopped' || ",
      replace: '',
    },
    {
      id: 'register-terminated-instance-may-be-replaced',
      rule: 'an instance that was terminated proves that its process is gone',
      find: " || view.state === 'terminated'",
      replace: '',
    },
    {
      id: 'register-gone-instance-may-be-replaced',
      rule: 'an instance that EC2 does not know proves that its process is gone',
      find: 'if (view === undefined || ',
      replace: 'if (view === undefined) throw new OutsideRefused(id);\n  if (',
    },
    {
      id: 'register-locked-out-keeps-its-instance',
      rule: 'a node that is out of service gets no other instance while the old one lives',
      find: ' ?? whyOut(snapshot, node)',
      replace: '',
    },
    {
      id: 'register-locked-out-is-not-left-out',
      rule: 'a node that is out of service is not left out while its instance lives',
      find: 'if (out !== null) await refuseLiving(',
      replace: 'if (out === "") await refuseLiving(',
    },
    {
      id: 'register-waits-for-the-fence',
      rule: 'a node that is not fenced is not left out',
      find: "['fence', 'lock', 'stop']",
      replace: "['lock', 'stop']",
    },
    {
      id: 'register-waits-for-the-lock',
      rule: 'a node that is not locked is not left out',
      find: "['fence', 'lock', 'stop']",
      replace: "['fence', 'stop']",
    },
    {
      id: 'register-waits-for-the-stop',
      rule: 'a node that is not stopped is not left out',
      find: "['fence', 'lock', 'stop']",
      replace: "['fence', 'lock']",
    },
    {
      id: 'register-settled-node-may-go',
      rule: 'a node that is fenced, locked and stopped may be left out',
      find: 'if (journal === null || open.length === 0) return [];',
      replace: 'if (journal === null) return [];',
    },
    {
      id: 'register-left-by-the-whole-chain',
      rule: 'what a predecessor left is not left out either',
      find: '[...(await earlierInChain(store, journal)), journal].flatMap',
      replace: '[journal].flatMap',
    },
    {
      id: 'register-lost-node-is-waited-for',
      rule: 'a node that is left out may have been chosen a moment ago',
      find: 'return lessVips || previous.nodes.some((node) => instanceOf(next, node) !== node.instanceId);',
      replace: 'return lessVips;',
    },
    {
      id: 'register-lost-candidate-is-waited-for',
      rule: 'a candidate that is taken away may have been chosen a moment ago',
      find: 'return lessVips || previous',
      replace: 'return previous',
    },
  ]),
  ...mutantsOf('lib/operations/registrar.ts', REGISTRAR, [
    {
      id: 'registrar-nothing-to-take-back',
      rule: 'what was refused for its properties can be deleted',
      find: "if (event.RequestType === 'Delete' && physicalResourceId ===",
      replace: "if (event.RequestType !== 'Delete' && physicalResourceId ===",
    },
    {
      id: 'registrar-only-a-delete-is-granted',
      rule: 'only a deletion is granted without a look at its properties',
      find: "if (event.RequestType === 'Delete' && physicalResourceId ===",
      replace: 'if (physicalResourceId ===',
    },
    {
      id: 'registrar-id-in-an-error',
      rule: 'a refusal answers under the id that CloudFormation knows',
      find: 'let physicalResourceId = event.PhysicalResourceId ?? `',
      replace: 'let physicalResourceId = `',
    },
    {
      id: 'registrar-same-id',
      rule: 'an answer keeps the id that CloudFormation knows',
      find: 'physicalResourceId = event.PhysicalResourceId ?? `${cluster}/${properties.action}`',
      replace: 'physicalResourceId = `${cluster}/${properties.action}`',
    },
    {
      id: 'registrar-delete-takes-back',
      rule: 'a deletion releases, and does not register',
      find: "case 'register': {\n      if (event.RequestType === 'Delete') {",
      replace: "case 'register': {\n      if (event.RequestType === undefined) {",
    },
    {
      id: 'registrar-not-of-another',
      rule: 'the deletion of an old construct takes nothing from the new one',
      find: 'if (await isRegisteredByAnother(deps.store, request))',
      replace: 'if (request === null)',
    },
    {
      id: 'registrar-guards-updates-alone',
      rule: 'the replacement guard holds up no deletion',
      find: "if (event.RequestType !== 'Update') return 'nothing to guard';",
      replace: '',
    },
    {
      id: 'registrar-guards-updates',
      rule: 'an update that would replace a holder is refused',
      find: "if (event.RequestType !== 'Update') return 'nothing to guard';",
      replace: "return 'nothing to guard';",
    },
    {
      id: 'registrar-compares-with-before',
      rule: 'the replacement guard compares with what was deployed',
      find: 'JSON.parse(before.request) as ReplacementGuardRequest',
      replace: 'JSON.parse(properties.request) as ReplacementGuardRequest',
    },
    {
      id: 'registrar-knows-its-actions',
      rule: 'what another version of the stacks asks is refused',
      find: "if ((action === 'register' || action === 'guard-replacement') && typeof request === 'string')",
      replace: 'if (action !== null)',
    },
  ]),
  ...mutantsOf('lib/operations/unregister.ts', UNREGISTER, [
    {
      id: 'another-needs-names',
      rule: 'a registration without function names was made by nobody else',
      find: 'registered.size > 0 && ',
      replace: '',
    },
    {
      id: 'another-needs-names-of-its-own',
      rule: 'a deletion without function names is of what was registered',
      find: 'deleted.length > 0 && ',
      replace: '',
    },
    {
      id: 'another-has-no-name-in-common',
      rule: 'one function in common is the same deployment',
      find: '!deleted.some((name) => registered.has(name))',
      replace: '!deleted.every((name) => registered.has(name))',
    },
    {
      id: 'unregister-pauses',
      rule: 'what is deleted is paused, so that nothing moves back',
      find: ".setPaused({ kind: 'cluster' }, true, 'the deployment was deleted')",
      replace: '.readTopology().then(() => undefined)',
    },
    {
      id: 'unregister-pauses-or-stops',
      rule: 'nothing is released in a cluster that could not be paused',
      find: 'if (!(error instanceof NotRegistered)) throw error;',
      replace: '',
    },
    {
      id: 'unregister-pauses-what-is-there',
      rule: 'a cluster without a control item can be deleted',
      find: 'if (!(error instanceof NotRegistered)) throw error;',
      replace: 'throw error;',
    },
    {
      id: 'unregister-pauses-first',
      rule: 'nothing is released before the pause',
      find: `  await deps.store.setPaused({ kind: 'cluster' }, true, 'the deployment was deleted').catch((error: unknown) => {
    if (!(error instanceof NotRegistered)) throw error;
  });
  await doAll([
    ...topology.vips.flatMap(({ elasticIp, privateDns }) => [
      async () => elasticIp !== null && (await releaseAddress(deps, topology, elasticIp.allocationId)),
      async () => privateDns !== null && (await removeName(deps, topology, privateDns)),
    ]),
    ...topology.nodes.map((node) => () => deps.instances.releaseOwner(node.instanceId)),
  ]);`,
      replace: `  await doAll([
    ...topology.vips.flatMap(({ elasticIp, privateDns }) => [
      async () => elasticIp !== null && (await releaseAddress(deps, topology, elasticIp.allocationId)),
      async () => privateDns !== null && (await removeName(deps, topology, privateDns)),
    ]),
    ...topology.nodes.map((node) => () => deps.instances.releaseOwner(node.instanceId)),
  ]);
  await deps.store.setPaused({ kind: 'cluster' }, true, 'the deployment was deleted').catch((error: unknown) => {
    if (!(error instanceof NotRegistered)) throw error;
  });`,
    },
    {
      id: 'unregister-releases-nodes',
      rule: 'nodes lose their mark',
      find: 'deps.instances.releaseOwner(node.instanceId)',
      replace: 'Promise.resolve()',
    },
    {
      id: 'claims-of-our-nodes',
      rule: 'a cut-off registration takes no mark off a node that is another’s',
      find: 'if (found?.owner === owner) await instances',
      replace: 'if (found !== null) await instances',
    },
    {
      id: 'claims-of-our-addresses',
      rule: 'a cut-off registration takes no mark off an address that is another’s',
      find: 'if (found?.owner === owner) await elasticIps',
      replace: 'if (found !== null) await elasticIps',
    },
    {
      id: 'claims-found-or-told',
      rule: 'what could not be looked for is not called released',
      find: 'if (!(error instanceof OutsideRefused || error instanceof ResourceGone)) throw error;',
      replace: '',
    },
    {
      id: 'claims-of-what-is-there',
      rule: 'what nobody finds keeps no cluster from being deleted',
      find: 'if (!(error instanceof OutsideRefused || error instanceof ResourceGone)) throw error;',
      replace: 'throw error;',
    },
    {
      id: 'unregister-tries-everything',
      rule: 'one thing’s trouble keeps no other from being released',
      find: 'failures.push(describeError(error));',
      replace: 'failures.push(describeError(error));\n      break;',
    },
    {
      id: 'unregister-tells-what-is-left',
      rule: 'nothing is called done that is not',
      find: 'if (failures.length > 0) throw',
      replace: 'if (failures.length < 0) throw',
    },
    {
      id: 'unregister-no-foreign-address',
      rule: 'the address that another has claimed is left alone',
      find: 'if (found === null || (found.owner !== null && found.owner !== topology.owner)) return;',
      replace: 'if (found === null) return;',
    },
    {
      id: 'unregister-takes-addresses-off',
      rule: 'addresses are disassociated',
      find: 'if (association !== null) await',
      replace: 'if (association?.associationId === "") await',
    },
    {
      id: 'unregister-reads-or-tells',
      rule: 'what could not be read is not called removed',
      find: 'if (!(error instanceof ForeignOwner || error instanceof ResourceGone)) throw error;',
      replace: '',
    },
    {
      id: 'unregister-what-is-ours',
      rule: 'what another has claimed, or what is gone, keeps no cluster from being deleted',
      find: 'if (!(error instanceof ForeignOwner || error instanceof ResourceGone)) throw error;',
      replace: 'throw error;',
    },
    {
      id: 'unregister-no-foreign-name',
      rule: 'a name that is not ours is not removed',
      find: 'if (record === null || record.owner !== topology.owner) return;',
      replace: 'if (record === null) return;',
    },
    {
      id: 'unregister-name-as-it-was-read',
      rule: 'a name that changed meanwhile is not called removed',
      find: "if (answer === 'stale')",
      replace: 'if (record === null)',
    },
  ]),
  ...mutantsOf(
    'lib/config/rules/placement.ts',
    ['test/config/rules/vips', 'test/config/rules/allowed'],
    [
      {
        id: 'config-node-moves-at-once',
        rule: 'a policy under which no planned move could begin is refused',
        find: 'if (mostOnOne <= maxTransitionsInFlight) return;',
        replace: 'if (mostOnOne > 0) return;',
      },
      {
        id: 'config-node-as-full-as-it-can-be',
        rule: 'no room is asked for more VIPs than there are',
        find: 'Math.min(maxVipsPerNode, cluster.vips?.length ?? 0)',
        replace: 'maxVipsPerNode',
      },
    ],
  ),
];

/** What befalls a run is felt: AWS that fails, lags and repeats itself, and the functions that run on it. */
import { mutantsOf, type Mutant } from '../mutant';

const WEATHER = ['test/simulation/world/weather'];
const EC2 = ['test/simulation/world/ec2'];
const FUNCTIONS = ['test/simulation/world/functions'];
const CONTROL_PLANE = ['test/simulation/world/control-plane'];

/** What `Ec2` has at the head of each port. */
const callTo = (service: string): string =>
  `{
    const call = <T>(action: string, effect: () => T): Promise<Awaited<T>> =>
      this.weather.call(process, '${service}', action, effect);`;

export const SIMULATED_WORLD: Mutant[] = [
  ...mutantsOf('lib/simulation/world/weather.ts', WEATHER, [
    {
      id: 'weather-storms',
      rule: 'a storm that begins is felt',
      find: 'this.storms.set(service, storm);',
      replace: 'void [service, storm];',
    },
    {
      id: 'weather-clears-up',
      rule: 'a storm that is over is felt no more',
      find: 'this.storms.delete(service);',
      replace: 'void service;',
    },
    {
      id: 'weather-of-one-service',
      rule: 'a storm is of its service alone',
      find: 'const storm = this.storms.get(service);',
      replace: 'const storm = [...this.storms.values()][0];',
    },
    {
      id: 'weather-throttles',
      rule: 'calls are throttled',
      find: '(left -= storm.throttled) < 0',
      replace: '(left -= storm.throttled) < -1',
    },
    {
      id: 'weather-gives-up-throttled-calls-early',
      rule: 'a throttled call is given up before its deadline',
      find: 'return this.lost(process, service, action, this.dice.between(800, 3_000));',
      replace: 'return this.lost(process, service, action);',
    },
    {
      id: 'weather-fails-calls',
      rule: 'calls fail',
      find: '(left -= storm.fails) < 0',
      replace: '(left -= storm.fails) < -1',
    },
    {
      id: 'weather-refuses-by-name',
      rule: 'a call that failed is told from one without an answer',
      find: 'throw new OutsideRefused(`',
      replace: 'throw new OutsideTimeout(`',
    },
    {
      id: 'weather-loses-calls',
      rule: 'calls are lost before they take effect',
      find: '(left -= storm.timesOut) < 0',
      replace: '(left -= storm.timesOut) < -1',
    },
    {
      id: 'weather-loses-answers',
      rule: 'answers are lost',
      find: '(left -= storm.answerLost) < 0',
      replace: '(left -= storm.answerLost) < -1',
    },
    {
      id: 'weather-loses-refusals',
      rule: 'a refusal is lost as any answer is',
      find: '          } catch {',
      replace: '          } catch (error) {\n            throw error;',
    },
    {
      id: 'weather-applies-what-has-no-answer',
      rule: 'what a lost answer was about took effect',
      find: '            void quiet(effect());',
      replace: '            void quiet;',
    },
    {
      id: 'weather-takes-services-away',
      rule: 'a service that is away is not reached',
      find: 'this.away.add(service);',
      replace: 'void service;',
    },
    {
      id: 'weather-brings-services-back',
      rule: 'a service that is back is reached',
      find: 'this.away.delete(service);',
      replace: 'void service;',
    },
    {
      id: 'weather-of-a-zone-that-is-cut-off',
      rule: 'who is cut off reaches no service',
      find: 'if (!online || this.away.has(service))',
      replace: 'if (this.away.has(service))',
    },
    {
      id: 'weather-is-known-to-be-away',
      rule: 'a service that is away is no fair weather',
      find: 'return !this.storms.has(service) && !this.away.has(service);',
      replace: 'return !this.storms.has(service);',
    },
    {
      id: 'weather-is-known-to-be-a-storm',
      rule: 'a storm is no fair weather',
      find: 'return !this.storms.has(service) && !this.away.has(service);',
      replace: 'return !this.away.has(service);',
    },
    {
      id: 'weather-waits-for-the-deadline',
      rule: 'a call without an answer costs its whole deadline',
      find: '    afterMs = DEADLINE_MS[service],',
      replace: '    afterMs = 10,',
    },
    {
      id: 'weather-deadline-of-the-table',
      rule: 'a call to the table is given up when it is in truth',
      find: '  dynamodb: 4_000,',
      replace: '  dynamodb: 12_000,',
    },
    {
      id: 'weather-on-the-way-there',
      rule: 'a call takes effect on its way, not with its answer',
      find: 'process.exchange(Math.ceil(latencyMs / 2), Math.floor(latencyMs / 2), () => quiet(effect()))',
      replace: 'process.exchange(latencyMs, 0, () => quiet(effect()))',
    },
  ]),
  ...mutantsOf('lib/simulation/world/ec2.ts', WEATHER, [
    {
      id: 'weather-of-addresses',
      rule: 'calls about addresses go through the weather',
      find: `ElasticIps ${callTo('ec2')}`,
      replace: `ElasticIps ${callTo('sns')}`,
    },
    {
      id: 'weather-of-instances',
      rule: 'calls about instances go through the weather',
      find: `Instances ${callTo('ec2')}`,
      replace: `Instances ${callTo('sns')}`,
    },
    {
      id: 'weather-of-registrations',
      rule: 'calls of a registration go through the weather',
      find: `Inventory ${callTo('ec2')}`,
      replace: `Inventory ${callTo('sns')}`,
    },
  ]),
  ...mutantsOf('lib/simulation/world/names.ts', WEATHER, [
    {
      id: 'weather-of-names',
      rule: 'calls about names go through the weather',
      find: "this.weather.call(process, 'route53', action, effect);",
      replace: "this.weather.call(process, 'sns', action, effect);",
    },
  ]),
  ...mutantsOf('lib/simulation/world/node-control.ts', WEATHER, [
    {
      id: 'weather-of-orders',
      rule: 'orders to nodes go through the weather',
      find: ".call(caller, 'lambda', 'Invoke',",
      replace: ".call(caller, 'sns', 'Invoke',",
    },
  ]),
  ...mutantsOf('lib/simulation/world/table.ts', WEATHER, [
    {
      id: 'weather-of-the-table',
      rule: 'calls to the table go through the weather',
      find: "      'dynamodb',\n",
      replace: "      'sns',\n",
    },
    {
      id: 'killed-after-it-sent',
      rule: 'what a function had sent when it was killed arrives all the same',
      find: 'if (wasAlive && !process.alive) return undefined;',
      replace: 'if (!process.alive) return undefined;',
      tests: ['test/simulation/world/table'],
    },
    {
      id: 'killed-before-a-restore',
      rule: 'but not at a table that was restored since',
      find: 'if (!wasAlive && options.restores() > sentAfter) return undefined;',
      replace: '',
      tests: ['test/simulation/world/table'],
    },
  ]),
  ...mutantsOf('lib/simulation/world/ec2.ts', EC2, [
    {
      id: 'stale-reads-show-what-was',
      rule: 'reads are old after a change',
      find: 'return eip.before !== null && this.kernel.nowMs < eip.before.untilMs ? eip.before.association : eip.association;',
      replace: 'return eip.association;',
    },
    {
      id: 'stale-reads-end',
      rule: 'reads are old for a while, and then up to date',
      find: 'eip.before !== null && this.kernel.nowMs < eip.before.untilMs ?',
      replace: 'eip.before !== null ?',
    },
    {
      id: 'stale-reads-by-place',
      rule: 'who looks for what has an address may be told what had it',
      find: 'const at = this.readOf(eip);',
      replace: 'const at = eip.association;',
    },
    {
      id: 'stale-reads-of-some-changes',
      rule: 'changes before and after the fault are read at once',
      find: 'eip.before = staleMs === 0 ? null :',
      replace: 'eip.before = staleMs === 0 ? eip.before :',
    },
    {
      id: 'stale-reads-by-chance',
      rule: 'reads are old for longer or shorter',
      find: 'this.staleForMs === 0 ? 0 : this.dice.between(0, this.staleForMs)',
      replace: 'this.staleForMs',
    },
    {
      id: 'stale-reads-mislead-readers-alone',
      rule: 'an address is taken where it is, whatever a reader sees',
      find: "if (eip.association !== null) return 'taken' as const;",
      replace: "if (this.readOf(eip) !== null) return 'taken' as const;",
    },
    {
      id: 'ec2-events-are-lost',
      rule: 'a few events of EC2 never come',
      find: '    if (this.dice.chance(EVENT_LOST)) return;\n',
      replace: '',
    },
    {
      id: 'ec2-events-are-told',
      rule: 'most events of EC2 come',
      find: 'if (this.dice.chance(EVENT_LOST)) return;',
      replace: 'if (!this.dice.chance(EVENT_LOST)) return;',
    },
    {
      id: 'ec2-events-are-late',
      rule: 'some events of EC2 are late',
      find: 'this.dice.chance(0.9) ? this.dice.between(200, 2_000) : 30_000',
      replace: 'this.dice.between(200, 2_000)',
    },
    {
      id: 'ec2-stops-in-time',
      rule: 'an instance stops in minutes',
      find: "this.kernel.after(takesMs, () => this.turn(instance, 'stopped'));",
      replace: "this.turn(instance, 'stopped');",
    },
    {
      id: 'ec2-powers-off',
      rule: 'a machine is off some time before its instance has stopped',
      find: 'this.kernel.after(takesMs * POWER_OFF_SHARE,',
      replace: 'this.kernel.after(takesMs,',
    },
    {
      id: 'ec2-starts-in-time',
      rule: 'an instance starts in seconds',
      find: 'this.kernel.after(this.dice.between(...START_MS), () => {',
      replace: 'this.kernel.after(1, () => {',
    },
    {
      id: 'ec2-powers-on',
      rule: 'a machine is on when its instance runs',
      find: '      this.machines.powerOn(instance.nodeId);\n',
      replace: '',
    },
    {
      id: 'ec2-refuses-to-start-what-stops',
      rule: 'what stops is not started',
      find: "if (instance.state === 'stopping') {",
      replace: "if (instance.state === 'stopped' && instance.nodeId === '') {",
    },
    {
      id: 'ec2-refuses-to-stop-what-starts',
      rule: 'what starts is not stopped',
      find: "if (instance.state === 'pending') {",
      replace: "if (instance.state === 'pending' && instance.nodeId === '') {",
    },
  ]),
  ...mutantsOf('lib/simulation/world/functions.ts', FUNCTIONS, [
    {
      id: 'functions-start-cold',
      rule: 'a function starts cold',
      find: 'return warm ? 2 : this.dice.between(...COLD_START_MS);',
      replace: 'return 2;',
    },
    {
      id: 'functions-are-kept-warm',
      rule: 'a function that ran lately starts at once',
      find: 'return warm ? 2 : this.dice.between(...COLD_START_MS);',
      replace: 'return this.dice.between(...COLD_START_MS);',
    },
    {
      id: 'functions-grow-cold',
      rule: 'a function that was idle starts cold',
      find: 'last !== undefined && this.kernel.nowMs - last < KEPT_WARM_MS',
      replace: 'last !== undefined',
    },
    {
      id: 'functions-are-warm-by-themselves',
      rule: 'another function warms none',
      find: 'this.lastEndMs.set(name, this.kernel.nowMs);',
      replace: "for (const each of [name, 'another']) this.lastEndMs.set(each, this.kernel.nowMs);",
    },
    {
      id: 'functions-run-out-of-time',
      rule: 'a function ends when its time is over',
      find: '    process.endAfter(timeoutMs);\n',
      replace: '',
    },
    {
      id: 'functions-end-with-what-they-left',
      rule: 'what a function left behind does not go on after its end',
      find: '      process.kill();\n      onEnd(error);',
      replace: '      this.running.delete(invocation);\n      onEnd(error);',
    },
    {
      id: 'functions-tell-of-their-errors',
      rule: 'a function that failed says so',
      find: '(error: unknown) => end(error),',
      replace: '() => end(null),',
    },
    {
      id: 'functions-are-killed',
      rule: 'a function that is killed stands where it is',
      find: 'for (const { process } of struck) process.kill();',
      replace: '',
    },
    {
      id: 'functions-are-killed-by-choice',
      rule: 'others live',
      find: '[...this.running].filter(which)',
      replace: '[...this.running].filter(() => true)',
    },
    {
      id: 'functions-in-the-dark',
      rule: 'a dark zone runs nothing',
      find: 'if (zone !== null && this.isDark(zone)) return null;',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/simulation/world/control-plane.ts', CONTROL_PLANE, [
    {
      id: 'stream-comes-twice',
      rule: 'a record of the stream comes twice now and then',
      find: 'const copies = dice.chance(STREAM_TWICE) ? 2 : 1;',
      replace: 'const copies = 1;',
    },
    {
      id: 'stream-comes-once',
      rule: 'a record of the stream mostly comes once',
      find: 'const copies = dice.chance(STREAM_TWICE) ? 2 : 1;',
      replace: 'const copies = 2;',
    },
    {
      id: 'stream-comes-late',
      rule: 'a record of the stream comes late now and then',
      find: 'dice.chance(STREAM_LATE.chance) ? STREAM_LATE.ms : dice.between(...STREAM_MS)',
      replace: 'dice.between(...STREAM_MS)',
    },
    {
      id: 'stream-takes-its-time',
      rule: 'a record of the stream takes a moment',
      find: 'const arrived = this.after(lateMs);',
      replace: 'const arrived = this.after(lateMs < 1_000 ? 0 : lateMs);',
    },
    {
      id: 'stream-tries-again',
      rule: 'a record is tried again where its function failed',
      find: 'if (isDone || retries === STREAM_RETRIES) return;',
      replace: 'if (retries >= 0) return;',
    },
    {
      id: 'stream-tries-again-what-was-killed',
      rule: 'and where it was killed, or ran out of time',
      find: 'resolve(false)',
      replace: 'resolve(true)',
    },
    {
      id: 'stream-records-grow-too-old',
      rule: 'a record that is too old is not tried again',
      find: 'this.deps.kernel.nowMs <= untilMs',
      replace: 'untilMs > 0',
    },
    {
      id: 'stream-gives-up',
      rule: 'a record is not tried for ever',
      find: ' || retries === STREAM_RETRIES',
      replace: '',
    },
    {
      id: 'stream-one-lane-a-vip',
      rule: 'a record of a VIP is handed over when the one before has ended',
      find: 'Promise.all([arrived, before])',
      replace: 'arrived',
    },
    {
      id: 'stream-a-lane-for-each-vip',
      rule: 'a record of one VIP does not wait for another one’s',
      find: "record.kind === 'journal' ? record.vipId : record.kind",
      replace: 'record.kind',
    },
    {
      id: 'stream-lane-of-a-killed-one',
      rule: 'a lane goes on when its function was killed',
      find: '      invocation?.process.onDeath(() => void Promise.resolve().then(() => resolve(false)));\n',
      replace: '      void invocation;\n',
    },
    {
      id: 'ec2-events-wait',
      rule: 'a change of an instance is written down as late as it is told',
      find: '    kernel.after(lateMs, () => {\n      const kind',
      replace: '    kernel.after(lateMs / 10, () => {\n      const kind',
    },
    {
      id: 'ec2-events-come-to-the-table',
      rule: 'a change of an instance is written down',
      find: "this.tellOfInstance('EC2 Instance State-change Notification',",
      replace: "this.tellOfInstance('EC2 Instance',",
    },
    {
      id: 'status-checks-come-to-the-table',
      rule: 'failed status checks are written down',
      find: "this.tellOfInstance('CloudWatch Alarm State Change',",
      replace: "this.tellOfInstance('CloudWatch Alarm',",
    },
    {
      id: 'event-comes-twice',
      rule: 'an event comes twice now and then',
      find: 'if (dice.chance(EVENT_TWICE.chance)) kernel.after(dice.between(0, EVENT_TWICE.withinMs), invoke);',
      replace: '',
    },
    {
      id: 'event-mostly-comes-once',
      rule: 'an event mostly comes once',
      find: 'if (dice.chance(EVENT_TWICE.chance))',
      replace: 'if (dice.chance(1))',
    },
    {
      id: 'instance-event-comes-twice',
      rule: 'so does one of an instance',
      find: 'this.atLeastOnce(kind.name, () => void functions.invoke(kind, note));',
      replace: 'functions.invoke(kind, note);',
    },
    {
      id: 'schedule-wakes-failover',
      rule: 'the failover function is woken every minute',
      find: "this.atLeastOnce('schedule', () => void this.wakeFailover({ kind: 'schedule' }));",
      replace: '',
    },
    {
      id: 'schedule-challenges-observers',
      rule: 'each observer is challenged every minute',
      find: 'this.atLeastOnce(`schedule/${zone}`, () => void this.challenge(zone, index * STAGGER_MS));',
      replace: '',
    },
    {
      id: 'deployment-is-made-again',
      rule: 'a deployment that failed is made again',
      find: 'if (error !== null) this.deps.kernel.after(60_000',
      replace: 'if (error === undefined) this.deps.kernel.after(60_000',
    },
    {
      id: 'deployment-has-a-new-version',
      rule: 'each deployment has a version of its own',
      find: '    this.version += 1;\n    if (this.version === 1) {',
      replace: '    this.version = 1;\n    if (this.tick === null) {',
    },
  ]),
  ...mutantsOf(
    'lib/simulation/world/node-control.ts',
    ['test/simulation/world/node-control'],
    [
      {
        id: 'order-of-a-function-that-ended',
        rule: 'a function that was killed is known to have ended',
        find: '      invocation?.process.onDeath(ended);\n',
        replace: '',
      },
      {
        id: 'order-to-a-function-that-is-late',
        rule: 'nobody waits for a function longer than its share',
        find: 'const answer = await Promise.race([work, late])',
        replace: 'const answer = await Promise.race([work, late.catch(() => work)])',
      },
      {
        id: 'order-that-may-be-at-work',
        rule: 'a recovery that may be at work is asked for nowhere else',
        find: 'ask(node, timeoutMs, (nc, ms) => nc.recover(node, vip, order, ms), ONE_AT_A_TIME)',
        replace: 'ask(node, timeoutMs, (nc, ms) => nc.recover(node, vip, order, ms))',
      },
      {
        id: 'order-that-has-ended',
        rule: 'a recovery whose function has ended is asked for elsewhere',
        find: 'failure instanceof FunctionEnded || failure',
        replace: 'failure',
      },
      {
        id: 'order-by-its-zone',
        rule: 'the own zone of a node is asked first',
        find: '(asked, site.zones, turns,',
        replace: '(asked, site.zones.filter((zone) => zone !== node.zone), turns,',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/control-plane.ts',
    ['test/simulation/strikes'],
    [
      {
        id: 'wired-observers-that-are-cut-off',
        rule: 'the observer of an isolated zone reaches no table',
        find: '() => network.isOnline(zone)',
        replace: '() => true',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/world.ts',
    ['test/simulation/strikes'],
    [
      {
        id: 'wired-functions-in-the-dark',
        rule: 'a dark zone runs no function',
        find: '    this.functions.isDark = (zone) => this.network.isDark(zone);\n',
        replace: '',
      },
      {
        id: 'wired-functions-end-with-their-zone',
        rule: 'what runs ends with its zone',
        find: '    this.functions.kill((each) => each.zone === zone);\n',
        replace: '',
      },
      {
        id: 'wired-nodes-end-with-their-zone',
        rule: 'nodes go down with their zone',
        find: '    this.network.darken(zone);\n    this.functions.kill((each) => each.zone === zone);\n    for (const { nodeId } of this.instancesIn(zone)) this.switchOf(nodeId).hostDown();',
        replace: '    this.network.darken(zone);\n    this.functions.kill((each) => each.zone === zone);',
      },
      {
        id: 'wired-nodes-boot-with-their-zone',
        rule: 'nodes boot when their zone has power again',
        find: '    for (const { nodeId } of this.instancesIn(zone)) this.bootIfPowered(nodeId);\n',
        replace: '',
      },
      {
        id: 'wired-power',
        rule: 'the machine of an instance that stops goes down',
        find: 'powerOff: (nodeId: string) => this.switchOf(nodeId).hostDown(),',
        replace: 'powerOff: (nodeId: string) => void nodeId,',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/world.ts',
    ['test/simulation/world/control-plane'],
    [
      {
        id: 'wired-ec2-events',
        rule: 'events of EC2 wake the control plane',
        find: '      this.controlPlane.noteInstance(instance, lateMs);\n',
        replace: '      void lateMs;\n',
      },
      {
        id: 'wired-status-checks',
        rule: 'status checks of a lost host wake the control plane',
        find: "      this.controlPlane.noteStatusChecks(instance, 'ALARM');\n",
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/node-side.ts',
    ['test/simulation/strikes'],
    [
      {
        id: 'wired-partitions',
        rule: 'looks are lost where the network carries nothing',
        find: 'network.carries(zone, this.placeOf(nodeId), direction)',
        replace: 'true',
      },
      {
        id: 'wired-delays',
        rule: 'looks take as long as the network does',
        find: 'network.delayMs(zone, this.placeOf(nodeId))',
        replace: '0',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/network.ts',
    ['test/simulation/network'],
    [
      {
        id: 'network-there',
        rule: 'what is lost on its way there does not arrive',
        find: "!this.breaks(EVERYBODY, node, 'there') &&",
        replace: '',
      },
      {
        id: 'network-back',
        rule: 'what is lost on its way back does not arrive',
        find: "!this.breaks(EVERYBODY, node, 'there') && !this.breaks(EVERYBODY, node, 'back')",
        replace: "!this.breaks(EVERYBODY, node, 'there')",
      },
      {
        id: 'network-of-both-directions',
        rule: 'a way that is lost in one direction carries in the other',
        find: 'this.oneWays.has(`${from}>${id}:${direction}`)',
        replace: '(this.oneWays.has(`${from}>${id}:${direction}`) || this.oneWays.has(`${from}>${id}:there`))',
      },
      {
        id: 'network-one-way',
        rule: 'a way that is lost in one direction carries nothing in it',
        find: 'if (this.breaks(fromZone, node, direction) || this.breaks(EVERYBODY, node, direction)) return false;',
        replace: 'if (this.breaks(EVERYBODY, node, direction)) return false;',
      },
      {
        id: 'network-path',
        rule: 'a cut path carries nothing',
        find: '    if (this.cutPaths.has(`${fromZone}>${node.id}`)) return false;\n',
        replace: '',
      },
      {
        id: 'network-isolation',
        rule: 'an isolated zone hears nothing from outside',
        find: 'return !(crosses && (this.isolatedZones.has(fromZone) || this.isolatedZones.has(node.zone)));',
        replace: 'return !(crosses && this.isolatedZones.has(fromZone));',
      },
      {
        id: 'network-inside-an-isolated-zone',
        rule: 'an isolated zone lives on inside',
        find: 'return !(crosses && (',
        replace: 'return !((crosses || !crosses) && (',
      },
      {
        id: 'network-delay',
        rule: 'a delay is felt',
        find: 'return (this.delaysMs.get(`${fromZone}>${id}`) ?? 0) +',
        replace: 'return 0 +',
      },
      {
        id: 'network-delay-for-everybody',
        rule: 'a delay for everybody is felt by each',
        find: ' + (this.delaysMs.get(`${EVERYBODY}>${id}`) ?? 0);',
        replace: ';',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/kernel/process.ts',
    ['test/simulation/process'],
    [
      {
        id: 'process-stands-still',
        rule: 'what comes due in a freeze is late',
        find: 'if (entry.atMs >= this.frozenUntilMs) continue;',
        replace: 'if (entry.atMs >= 0) continue;',
      },
      {
        id: 'process-hears-nothing',
        rule: 'what comes in a freeze is heard after it',
        find: 'Math.max(this.kernel.nowMs + ms, this.frozenUntilMs)',
        replace: 'this.kernel.nowMs + ms',
      },
      {
        id: 'process-sent-before-its-end',
        rule: 'what was sent before the end takes effect',
        find: '      this.kernel.after(thereMs, () => {\n        let',
        replace: '      this.kernel.after(thereMs, () => {\n        if (this.dead) return;\n        let',
      },
      {
        id: 'process-hears-nothing-when-dead',
        rule: 'who is dead hears no answer',
        find: '        if (!this.dead) this.wake(backMs, settle);\n      });\n    });\n  }\n\n  /** What another',
        replace: '        this.wake(backMs, settle);\n      });\n    });\n  }\n\n  /** What another',
      },
      {
        id: 'process-wakes-no-more',
        rule: 'who is dead does not wake',
        find: '    for (const entry of this.pending) this.kernel.cancel(entry);\n',
        replace: '',
      },
      {
        id: 'process-ends-by-its-age',
        rule: 'where the age of a process is shifted its end is too',
        find: 'this.endAfter(this.end.atMs - this.kernel.nowMs + byMs);',
        replace: 'this.endAfter(this.end.atMs - this.kernel.nowMs);',
      },
      {
        id: 'process-with-a-wrong-clock',
        rule: 'a clock that was stepped is wrong',
        find: 'EPOCH_MS + this.kernel.nowMs + this.wallOffsetMs',
        replace: 'EPOCH_MS + this.kernel.nowMs',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/lambda-limits.ts',
    ['test/simulation/world/lambda-limits'],
    [
      {
        id: 'limits-of-a-function',
        rule: 'a simulated function has the time of the one that is deployed',
        find: 'registrar: 240_000',
        replace: 'registrar: 120_000',
      },
      {
        id: 'limits-of-the-stream',
        rule: 'a record of the simulated stream is tried as often as one of the stream that is deployed',
        find: 'STREAM_RETRIES = 3',
        replace: 'STREAM_RETRIES = 2',
      },
      {
        id: 'limits-of-a-record',
        rule: 'and for as long',
        find: 'STREAM_RECORD_AGE_MS = 300_000',
        replace: 'STREAM_RECORD_AGE_MS = 3_600_000',
      },
    ],
  ),
];

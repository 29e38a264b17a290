import { HERE } from '../fixture';
import { CANDIDATES, ROOM, refusesEach, secondVip } from '../mistakes';

refusesEach('DNS', [
  {
    name: 'a name outside its zone',
    change: [['name: sip.pbx.internal', `name: sip.other.internal${HERE}`]],
    path: 'clusters[0].vips[0].privateDns.name',
    says: /does not lie in the zone pbx.internal/,
  },
  {
    name: 'a name that only ends like its zone',
    change: [['name: sip.pbx.internal', `name: sippbx.internal${HERE}`]],
    path: 'clusters[0].vips[0].privateDns.name',
    says: /does not lie in the zone/,
  },
  {
    name: 'a TTL of ten minutes',
    change: [['name: sip.pbx.internal', `name: sip.pbx.internal\n          ttl: 10m${HERE}`]],
    path: 'clusters[0].vips[0].privateDns.ttl',
    says: /1s to 300s; here is 10m/,
  },
  {
    name: 'a TTL below a second',
    change: [['name: sip.pbx.internal', `name: sip.pbx.internal\n          ttl: 500ms${HERE}`]],
    path: 'clusters[0].vips[0].privateDns.ttl',
    says: /1s to 300s/,
  },
  {
    name: 'a TTL without a unit',
    change: [['name: sip.pbx.internal', `name: sip.pbx.internal\n          ttl: 5${HERE}`]],
    path: 'clusters[0].vips[0].privateDns.ttl',
    says: /must be text/,
  },
  {
    name: 'one zone with an id and without',
    change: [
      [
        CANDIDATES,
        secondVip(
          `        elasticIp: create\n        privateDns:\n          zone: pbx.internal${HERE}\n          zoneId: Z0123456\n` +
            `          name: two.pbx.internal\n        profiles: [other]\n${CANDIDATES}${ROOM}`,
        ),
      ],
    ],
    path: 'clusters[0].vips[1].privateDns.zone',
    says: /another VIP describes pbx.internal with no zoneId/,
  },
  {
    name: 'two VIPs of one name',
    change: [
      [
        CANDIDATES,
        secondVip(
          `        elasticIp: create\n        privateDns:\n          zone: pbx.internal\n          name: sip.pbx.internal${HERE}\n` +
            `        profiles: [other]\n${CANDIDATES}${ROOM}`,
        ),
      ],
    ],
    path: 'clusters[0].vips[1].privateDns.name',
    says: /sip.pbx.internal is used by cluster pbx already/,
  },
]);

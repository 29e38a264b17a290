"""Instances: zone and addresses from their interface or subnet, states that take time, and state-change events.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html (Force, SkipOsShutdown)
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html (the event)
"""
import contextvars
import json
import os
import re
import time

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import ec2, eventbridge

from . import ec2_addresses, ec2_network_interfaces
from .ec2_common import (
    PUBLIC_IP_POOL, actions, answer, error, free_address, glob_in, instances, interfaces_of, is_true,
    parameter, parse_list, subnets,
)
from .patching import add_entry, private, replace, replace_entry

# How long an instance stays in stopping, pending and shutting-down. On AWS seconds to minutes.
TRANSITION_SECONDS = float(os.environ.get('EC2_TRANSITION_SECONDS', '0'))

RUNNING, STOPPING, STOPPED = (16, 'running'), (64, 'stopping'), (80, 'stopped')
PENDING, SHUTTING_DOWN, TERMINATED = (0, 'pending'), (32, 'shutting-down'), (48, 'terminated')

_launch_record = private(ec2, '_launch_instances_internal')  # MiniStack's own, before it is replaced below

# The interfaces that the RunInstances in progress asks for; MiniStack's launch function has no parameter for them.
_requested_interfaces: contextvars.ContextVar[list[dict]] = contextvars.ContextVar('requested_interfaces', default=[])


def emit_state_change(instance_id: str, state: str) -> None:
    """EC2 sends this event for every state that an instance enters, `pending` and `running` at launch included."""
    private(eventbridge, '_dispatch_event')({
        'EventId': new_uuid(), 'Source': 'aws.ec2', 'DetailType': 'EC2 Instance State-change Notification',
        'EventBusName': 'default', 'Time': now_iso(), 'Account': get_account_id(), 'Region': get_region(),
        'Resources': [f'arn:aws:ec2:{get_region()}:{get_account_id()}:instance/{instance_id}'],
        'Detail': json.dumps({'instance-id': instance_id, 'state': state}),
    })


def launch(interfaces: list[dict], **request) -> dict:
    """One instance. `interfaces` are existing or new interfaces with their device index; the first is the primary."""
    primary = interfaces[0]
    instance = _launch_record(
        image_id=request['image_id'], instance_type=request['instance_type'], subnet_id=primary['SubnetId'], count=1,
        key_name=request.get('key_name', ''), user_data=request.get('user_data', ''),
        sg_ids=[g['GroupId'] for g in primary['Groups']], requested_private_ip=primary['PrivateIpAddress'],
        iam_profile=request.get('iam_profile'))[0]
    instance['Placement']['AvailabilityZone'] = primary['AvailabilityZone']
    instance['VpcId'] = primary['VpcId']
    instance['_publicIp'] = ''
    for interface in interfaces:
        ec2_network_interfaces.attach(interface, instance['InstanceId'], interface.pop('_deviceIndex', 0),
                                      interface.pop('_deleteOnTermination', True))
    if interfaces[0].get('_associatePublicIp', subnets[primary['SubnetId']].get('MapPublicIpOnLaunch')):
        instance['_publicIp'] = free_address(PUBLIC_IP_POOL, [i.get('_publicIp', '') for i in list(instances.values())])
    for state in ('pending', 'running'):
        emit_state_change(instance['InstanceId'], state)
    return instance


def interface_for(spec: dict, default_subnet: str, default_groups: list[str]) -> dict:
    """An interface out of one `NetworkInterfaces` entry of a request or a template."""
    if spec.get('NetworkInterfaceId'):
        interface = ec2_network_interfaces.existing(spec['NetworkInterfaceId'])
        interface['_deleteOnTermination'] = False  # an interface that was there before stays after the instance
    else:
        named = spec.get('PrivateIpAddresses') or []
        primary = next((a['PrivateIpAddress'] for a in named if is_true(a.get('Primary'))), None)
        interface = ec2_network_interfaces.create(
            spec.get('SubnetId') or default_subnet, spec.get('GroupSet') or default_groups,
            primary=spec.get('PrivateIpAddress') or primary,
            secondary=[a['PrivateIpAddress'] for a in named if not is_true(a.get('Primary'))],
            secondary_count=int(spec.get('SecondaryPrivateIpAddressCount') or 0),
            description=spec.get('Description', ''))
        interface['_deleteOnTermination'] = is_true(spec.get('DeleteOnTermination', True))
        if spec.get('AssociatePublicIpAddress') is not None:
            interface['_associatePublicIp'] = is_true(spec['AssociatePublicIpAddress'])
    interface['_deviceIndex'] = int(spec.get('DeviceIndex') or 0)
    return interface


def public_address(instance: dict) -> str:
    """The Elastic IP on the primary private address, or the public address of a running instance."""
    attached = interfaces_of(instance['InstanceId'])
    for primary in attached[:1]:
        held = ec2_addresses.on_private_address(primary['NetworkInterfaceId'], primary['PrivateIpAddress'])
        if held:
            return held['PublicIp']
    return instance.get('_publicIp', '') if instance['State']['Name'] in ('pending', 'running') else ''


def _patched_launch(_):
    """MiniStack puts every instance into zone `a` with an address of 10.0/16 and no interface."""
    def launch_many(image_id, instance_type, subnet_id, count, key_name='', user_data='', sg_ids=None,
                    requested_private_ip=None, iam_profile=None):
        specs = _requested_interfaces.get() or [{'PrivateIpAddress': requested_private_ip, 'DeviceIndex': 0}]
        launched = []
        for _ in range(count):
            interfaces = [interface_for(s, subnet_id, list(sg_ids or [])) for s in specs]
            launched.append(launch(interfaces, image_id=image_id, instance_type=instance_type, key_name=key_name,
                                   user_data=user_data, iam_profile=iam_profile))
        return launched

    return launch_many


def interfaces_in_request(p) -> list[dict]:
    """`NetworkInterface.N.*` of RunInstances (and nothing when the request has none)."""
    specs = []
    for n in range(1, 16):
        at = f'NetworkInterface.{n}.'
        if not any(key.startswith(at) for key in p):
            break
        specs.append({
            **{k: parameter(p, at + k) for k in ('NetworkInterfaceId', 'SubnetId', 'PrivateIpAddress', 'DeviceIndex',
                                                 'SecondaryPrivateIpAddressCount', 'Description')},
            'GroupSet': parse_list(p, at + 'SecurityGroupId'),
            'PrivateIpAddresses': [
                {'PrivateIpAddress': parameter(p, f'{at}PrivateIpAddresses.{i}.PrivateIpAddress'),
                 'Primary': parameter(p, f'{at}PrivateIpAddresses.{i}.Primary')}
                for i in range(1, 50) if parameter(p, f'{at}PrivateIpAddresses.{i}.PrivateIpAddress')],
            'AssociatePublicIpAddress': parameter(p, at + 'AssociatePublicIpAddress') or None,
            'DeleteOnTermination': parameter(p, at + 'DeleteOnTermination') or True,
        })
    return specs


def _run(base):
    def run_instances(p):
        token = _requested_interfaces.set(interfaces_in_request(p))
        try:
            return base(p)
        except ec2_network_interfaces.InterfaceError as refused:
            return refused.answer()
        finally:
            _requested_interfaces.reset(token)

    return run_instances


def _transition(during: tuple[int, str], final: tuple[int, str], from_states: tuple[str, ...]):
    """An action that MiniStack does at once becomes two states with time and an event for each."""
    def wrap(base):
        def handler(p):
            wanted = [instances[i] for i in parse_list(p, 'InstanceId') if i in instances]
            before = {i['InstanceId']: i['State'] for i in wanted}
            wrong = next((i for i in wanted if i['State']['Name'] not in from_states), None)
            if wrong:
                return error('IncorrectInstanceState', f"The instance '{wrong['InstanceId']}' is not in a state from "
                             f"which it can be {final[1]}.", 400)
            response = base(p)
            if response[0] >= 400:
                return response
            moving = [i for i in wanted if before[i['InstanceId']]['Name'] not in (during[1], final[1])]
            for instance in wanted:
                instance['State'] = before[instance['InstanceId']]
            for instance in moving:
                instance['State'] = {'Code': during[0], 'Name': during[1]}
                instance['_reason'] = f'User initiated ({time.strftime("%Y-%m-%d %H:%M:%S GMT", time.gmtime())})'
                emit_state_change(instance['InstanceId'], during[1])
            spawn_background(_finish, moving, during, final)
            return answer(200, f"{parameter(p, 'Action')}Response", '<instancesSet>' + ''.join(
                _change_xml(i, before[i['InstanceId']]) for i in wanted) + '</instancesSet>')

        return handler

    return wrap


def _change_xml(instance: dict, before: dict) -> str:
    now = instance['State']
    return (f"<item><instanceId>{instance['InstanceId']}</instanceId>"
            f"<currentState><code>{now['Code']}</code><name>{now['Name']}</name></currentState>"
            f"<previousState><code>{before['Code']}</code><name>{before['Name']}</name></previousState></item>")


def _finish(moving: list[dict], during: tuple[int, str], final: tuple[int, str]) -> None:
    time.sleep(TRANSITION_SECONDS)
    for instance in moving:
        if instance['State']['Name'] != during[1]:
            continue  # another action came in between
        instance['State'] = {'Code': final[0], 'Name': final[1]}
        if final is TERMINATED:
            for interface in interfaces_of(instance['InstanceId']):
                ec2_network_interfaces.release(interface)
        emit_state_change(instance['InstanceId'], final[1])


def _modify_attribute(p):
    """Security groups and the source/destination check of the primary interface:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html"""
    instance_id = parameter(p, 'InstanceId')
    if instance_id not in instances:
        return error('InvalidInstanceID.NotFound', f"The instance ID '{instance_id}' does not exist", 400)
    try:
        ec2_network_interfaces.set_attributes(interfaces_of(instance_id)[0], parse_list(p, 'GroupId'),
                                              parameter(p, 'SourceDestCheck.Value'))
    except ec2_network_interfaces.InterfaceError as refused:
        return refused.answer()
    return answer(200, 'ModifyInstanceAttributeResponse', '<return>true</return>')


def _with_interfaces(base):
    """DescribeInstances: `networkInterfaceSet`, the public address as it is now, and the reason of the last change."""
    def instance_xml(instance):
        instance['PublicIpAddress'] = public_address(instance)
        attached = ''.join(ec2_network_interfaces.interface_xml(e, with_ids=False)
                           for e in interfaces_of(instance['InstanceId']))
        body = re.sub(r'<ipAddress></ipAddress>', '', base(instance))
        extra = f"<networkInterfaceSet>{attached}</networkInterfaceSet><reason>{instance.get('_reason', '')}</reason>"
        return body[:body.rindex('</item>')] + extra + '</item>'

    return instance_xml


_FILTERS = {
    'instance-id': lambda i: [i['InstanceId']],
    'vpc-id': lambda i: [i['VpcId']],
    'subnet-id': lambda i: [i['SubnetId']],
    'availability-zone': lambda i: [i['Placement']['AvailabilityZone']],
    'private-ip-address': lambda i: [i['PrivateIpAddress']],
    'ip-address': lambda i: [public_address(i)],
    'network-interface.addresses.private-ip-address': lambda i: [
        a for e in interfaces_of(i['InstanceId']) for a in ec2_network_interfaces.private_addresses(e)],
}


def _with_filters(base):
    """MiniStack knows few: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html"""
    return lambda instance, filters: base(instance, filters) and all(
        any(glob_in(v, wanted) for v in _FILTERS[name](instance))
        for name, wanted in filters.items() if name in _FILTERS)


def install() -> None:
    replace(ec2, '_launch_instances_internal', _patched_launch)
    replace(ec2, '_instance_xml', _with_interfaces)
    replace(ec2, '_matches_filters', _with_filters)
    alive = ('pending', 'running', 'stopping', 'stopped')
    for action, wrap in (
        ('RunInstances', _run),
        ('StopInstances', _transition(STOPPING, STOPPED, alive)),
        ('StartInstances', _transition(PENDING, RUNNING, ('stopped', 'pending', 'running'))),
        ('TerminateInstances', _transition(SHUTTING_DOWN, TERMINATED, (*alive, 'shutting-down', 'terminated'))),
    ):
        replace_entry(actions, action, wrap, 'ec2._ACTION_MAP')
    add_entry(actions, 'ModifyInstanceAttribute', _modify_attribute, 'ec2._ACTION_MAP')

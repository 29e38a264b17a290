"""Actions of the EC2 API on network interfaces.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
"""
from ministack.services import ec2

from . import ec2_network_interfaces as interfaces
from .ec2_common import (
    actions, answer, glob_in, instances, is_true, matches_tags, network_interfaces, parameter, parse_filters,
    parse_list, private_addresses, unknown_filter,
)
from .patching import add_entry, private, replace_entry


def _refusable(handler):
    def guarded(p):
        try:
            return handler(p)
        except interfaces.InterfaceError as refused:
            return refused.answer()

    return guarded


def _named(p) -> dict:
    return interfaces.existing(parameter(p, 'NetworkInterfaceId'))


def _create_action(p):
    interface = interfaces.create(
        parameter(p, 'SubnetId'), parse_list(p, 'SecurityGroupId'), primary=parameter(p, 'PrivateIpAddress') or None,
        secondary=[parameter(p, f'PrivateIpAddresses.{i}.PrivateIpAddress') for i in range(1, 50)
                   if parameter(p, f'PrivateIpAddresses.{i}.PrivateIpAddress')
                   and not is_true(parameter(p, f'PrivateIpAddresses.{i}.Primary'))],
        secondary_count=int(parameter(p, 'SecondaryPrivateIpAddressCount') or 0),
        description=parameter(p, 'Description'))
    private(ec2, '_parse_tag_specs')(p, 'network-interface', interface['NetworkInterfaceId'])
    return answer(200, 'CreateNetworkInterfaceResponse', interfaces.interface_xml(interface, tag='networkInterface'))


def _delete_action(p):
    interfaces.delete_interface(parameter(p, 'NetworkInterfaceId'))
    return answer(200, 'DeleteNetworkInterfaceResponse', '<return>true</return>')


def _assign_action(p):
    interface = _named(p)
    assigned = interfaces.assign(interface, parse_list(p, 'PrivateIpAddress'),
                                 int(parameter(p, 'SecondaryPrivateIpAddressCount') or 0))
    items = ''.join(f'<item><privateIpAddress>{a}</privateIpAddress></item>' for a in assigned)
    return answer(200, 'AssignPrivateIpAddressesResponse',
                  f"<networkInterfaceId>{interface['NetworkInterfaceId']}</networkInterfaceId>"
                  f'<assignedPrivateIpAddressesSet>{items}</assignedPrivateIpAddressesSet><return>true</return>')


def _unassign_action(p):
    interfaces.unassign(_named(p), parse_list(p, 'PrivateIpAddress'))
    return answer(200, 'UnassignPrivateIpAddressesResponse', '<return>true</return>')


def _attach_action(p):
    interface, instance_id = _named(p), parameter(p, 'InstanceId')
    if instance_id not in instances:
        raise interfaces.InterfaceError('InvalidInstanceID.NotFound', f"The instance ID '{instance_id}' does not exist")
    attachment = interfaces.attach(interface, instance_id, int(parameter(p, 'DeviceIndex') or 1), False)
    return answer(200, 'AttachNetworkInterfaceResponse', f'<attachmentId>{attachment}</attachmentId>')


def _modify_action(p):
    """Groups and the source/destination check:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html"""
    interfaces.set_attributes(_named(p), parse_list(p, 'SecurityGroupId'), parameter(p, 'SourceDestCheck.Value'))
    return answer(200, 'ModifyNetworkInterfaceAttributeResponse', '<return>true</return>')


_FILTERS = {
    'network-interface-id': lambda e: [e['NetworkInterfaceId']],
    'subnet-id': lambda e: [e['SubnetId']],
    'vpc-id': lambda e: [e['VpcId']],
    'availability-zone': lambda e: [e['AvailabilityZone']],
    'status': lambda e: [e['Status']],
    'description': lambda e: [e['Description']],
    'group-id': lambda e: [g['GroupId'] for g in e['Groups']],
    'private-ip-address': lambda e: [e['PrivateIpAddress']],
    'addresses.private-ip-address': lambda e: list(private_addresses(e)),
    'attachment.instance-id': lambda e: [(e.get('Attachment') or {}).get('InstanceId')],
    'attachment.device-index': lambda e: [(e.get('Attachment') or {}).get('DeviceIndex')],
}


def _describe_action(p):
    wanted, filters = parse_list(p, 'NetworkInterfaceId'), parse_filters(p)
    for interface_id in wanted:
        interfaces.existing(interface_id)
    if refused := unknown_filter(filters, _FILTERS):
        return refused
    found = [e for e in list(network_interfaces.values())
             if (not wanted or e['NetworkInterfaceId'] in wanted) and matches_tags(e['NetworkInterfaceId'], filters)
             and all(any(glob_in(v, values) for v in _FILTERS[name](e))
                     for name, values in filters.items() if name in _FILTERS)]
    return answer(200, 'DescribeNetworkInterfacesResponse',
                  f"<networkInterfaceSet>{''.join(interfaces.interface_xml(e) for e in found)}</networkInterfaceSet>")


def install() -> None:
    for action, handler in (
        ('CreateNetworkInterface', _create_action),
        ('DeleteNetworkInterface', _delete_action),
        ('DescribeNetworkInterfaces', _describe_action),
        ('AttachNetworkInterface', _attach_action),
    ):
        replace_entry(actions, action, lambda _, h=handler: _refusable(h), 'ec2._ACTION_MAP')
    for action, handler in (
        ('AssignPrivateIpAddresses', _assign_action),
        ('UnassignPrivateIpAddresses', _unassign_action),
        ('ModifyNetworkInterfaceAttribute', _modify_action),
    ):
        add_entry(actions, action, _refusable(handler), 'ec2._ACTION_MAP')

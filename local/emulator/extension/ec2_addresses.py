"""Elastic IPs: one on each private address, silent displacement, and associations that go stale.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (the codes)
"""
from ministack.services import ec2

from .ec2_common import (
    ELASTIC_IP_POOL, actions, addresses, answer, error, free_address, glob_in, identifier, instances, interfaces_of,
    matches_tags, network_interfaces, owner, parameter, parse_filters, parse_list, private_addresses, tag_set_xml,
    unknown_filter,
)
from .patching import private, replace_entry

_FREE = {'AssociationId': None, 'InstanceId': None, 'NetworkInterfaceId': None, 'PrivateIpAddress': None}


def allocate(domain: str = 'vpc') -> dict:
    address = {
        'AllocationId': identifier('eipalloc'),
        'PublicIp': free_address(ELASTIC_IP_POOL, [a['PublicIp'] for a in list(addresses.values())]),
        'Domain': domain,
        **_FREE,
    }
    addresses[address['AllocationId']] = address
    return address


def on_private_address(interface_id: str, private_address: str) -> dict | None:
    return next((a for a in list(addresses.values())
                 if a.get('NetworkInterfaceId') == interface_id and a.get('PrivateIpAddress') == private_address), None)


def disassociate(address: dict) -> None:
    address.update(_FREE)


def associate(address: dict, interface: dict, private_address: str) -> str:
    """Puts the address there and displaces whatever Elastic IP that private address had."""
    displaced = on_private_address(interface['NetworkInterfaceId'], private_address)
    if displaced is address:
        return address['AssociationId']  # AssociateAddress is idempotent
    if displaced:
        disassociate(displaced)
    address.update(
        AssociationId=identifier('eipassoc'),
        NetworkInterfaceId=interface['NetworkInterfaceId'],
        InstanceId=(interface.get('Attachment') or {}).get('InstanceId'),
        PrivateIpAddress=private_address,
    )
    return address['AssociationId']


def _not_found(p):
    wanted = parameter(p, 'AllocationId')
    return error('InvalidAllocationID.NotFound', f"The allocation ID '{wanted}' does not exist", 400)


def _named(p) -> dict | None:
    by_public_ip = (a for a in addresses.values() if a['PublicIp'] == parameter(p, 'PublicIp'))
    return addresses.get(parameter(p, 'AllocationId')) or next(by_public_ip, None)


def _allocate_action(p):
    address = allocate(parameter(p, 'Domain') or 'vpc')
    private(ec2, '_parse_tag_specs')(p, 'elastic-ip', address['AllocationId'])
    return answer(200, 'AllocateAddressResponse', f"<publicIp>{address['PublicIp']}</publicIp>"
                  f"<domain>{address['Domain']}</domain><allocationId>{address['AllocationId']}</allocationId>")


def _release_action(p):
    address = _named(p)
    if address is None:
        return _not_found(p)
    if address['AssociationId']:
        return error('InvalidIPAddress.InUse', f"Address {address['PublicIp']} is in use.", 400)
    del addresses[address['AllocationId']]
    private(ec2, '_tags').pop(address['AllocationId'], None)
    return answer(200, 'ReleaseAddressResponse', '<return>true</return>')


def _target(p):
    """(interface, private address, None) or (None, None, error answer). The primary address when none is named."""
    interface_id, instance_id = parameter(p, 'NetworkInterfaceId'), parameter(p, 'InstanceId')
    interface = network_interfaces.get(interface_id)
    if interface_id and interface is None:
        return None, None, error('InvalidNetworkInterfaceID.NotFound',
                                 f"The networkInterface ID '{interface_id}' does not exist", 400)
    if not interface_id:
        instance = instances.get(instance_id)
        if instance is None:
            return None, None, error('InvalidInstanceID.NotFound',
                                     f"The instance ID '{instance_id}' does not exist", 400)
        if instance['State']['Name'] in ('terminated', 'shutting-down'):
            return None, None, error('IncorrectInstanceState',
                                     f"The instance '{instance_id}' is not in a valid state for this operation.", 400)
        interface = interfaces_of(instance_id)[0]
    wanted = parameter(p, 'PrivateIpAddress') or interface['PrivateIpAddress']
    if wanted not in private_addresses(interface):
        return None, None, error('InvalidParameterValue', f'[{wanted}] is not assigned to the network interface', 400)
    return interface, wanted, None


def _associate_action(p):
    address = _named(p)
    if address is None:
        return _not_found(p)
    interface, wanted, refused = _target(p)
    if refused:
        return refused
    there = address['NetworkInterfaceId'] == interface['NetworkInterfaceId'] and address['PrivateIpAddress'] == wanted
    if address['AssociationId'] and not there and parameter(p, 'AllowReassociation').lower() == 'false':
        return error('Resource.AlreadyAssociated', f"resource {address['AllocationId']} is already associated with "
                     f"associate-id {address['AssociationId']}", 400)
    return answer(200, 'AssociateAddressResponse',
                  f'<return>true</return><associationId>{associate(address, interface, wanted)}</associationId>')


def _disassociate_action(p):
    wanted = parameter(p, 'AssociationId')
    address = next((a for a in addresses.values() if a['AssociationId'] and a['AssociationId'] == wanted), None)
    if address is None:
        return error('InvalidAssociationID.NotFound', f"The association ID '{wanted}' does not exist", 400)
    disassociate(address)
    return answer(200, 'DisassociateAddressResponse', '<return>true</return>')


# Filter name and member of the record; the members are also the fields of the answer, in this spelling.
_FILTERS = {
    'allocation-id': 'AllocationId', 'association-id': 'AssociationId', 'domain': 'Domain', 'instance-id': 'InstanceId',
    'network-interface-id': 'NetworkInterfaceId', 'private-ip-address': 'PrivateIpAddress', 'public-ip': 'PublicIp',
}


def _describe_action(p):
    allocation_ids, public_ips, filters = parse_list(p, 'AllocationId'), parse_list(p, 'PublicIp'), parse_filters(p)
    missing = next((i for i in allocation_ids if i not in addresses), None)
    if missing:
        return error('InvalidAllocationID.NotFound', f"The allocation ID '{missing}' does not exist", 400)
    if refused := unknown_filter(filters, _FILTERS):
        return refused
    items = ''
    for address in list(addresses.values()):
        wanted = ((not allocation_ids or address['AllocationId'] in allocation_ids)
                  and (not public_ips or address['PublicIp'] in public_ips)
                  and matches_tags(address['AllocationId'], filters)
                  and all(glob_in(address.get(_FILTERS[k]), v) for k, v in filters.items() if k in _FILTERS))
        if wanted:
            items += f'<item>{_fields_xml(address)}{tag_set_xml(address["AllocationId"])}</item>'
    return answer(200, 'DescribeAddressesResponse', f'<addressesSet>{items}</addressesSet>')


def _fields_xml(address: dict) -> str:
    fields = ''.join(f'<{m[0].lower()}{m[1:]}>{address[m]}</{m[0].lower()}{m[1:]}>'
                     for m in _FILTERS.values() if address.get(m))
    if address['AssociationId']:
        fields += f'<networkInterfaceOwnerId>{owner()}</networkInterfaceOwnerId>'
    return fields


def install() -> None:
    for action, handler in (
        ('AllocateAddress', _allocate_action),
        ('ReleaseAddress', _release_action),
        ('AssociateAddress', _associate_action),
        ('DisassociateAddress', _disassociate_action),
        ('DescribeAddresses', _describe_action),
    ):
        replace_entry(actions, action, lambda _, h=handler: h, 'ec2._ACTION_MAP')

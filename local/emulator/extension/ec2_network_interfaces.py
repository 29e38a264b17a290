"""Network interfaces with several private addresses: what they are. The API's actions are in the module beside.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
"""
from ministack.services import ec2

from . import ec2_addresses
from .ec2_common import (
    addresses, addresses_in_subnet, error, free_address, group_set, identifier, instances, is_true,
    network_interfaces, owner, private_addresses, security_groups, subnets, tag_set_xml,
)
from .patching import private


class InterfaceError(ValueError):
    """A request that EC2 refuses: `code` is the error code of the EC2 API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f'{code}: {message}')
        self.code, self.message = code, message

    def answer(self):
        return error(self.code, self.message, 400)


def create(subnet_id: str, group_ids: list[str], *, primary: str | None = None, secondary: list[str] | None = None,
           secondary_count: int = 0, description: str = '', source_dest_check: bool = True) -> dict:
    """An interface in a subnet; addresses that are not named are taken from the subnet."""
    subnet = subnets.get(subnet_id)
    if subnet is None:
        raise InterfaceError('InvalidSubnetID.NotFound', f"The subnet ID '{subnet_id}' does not exist")
    missing = next((g for g in group_ids if g not in security_groups), None)
    if missing:
        raise InterfaceError('InvalidGroup.NotFound', f"The security group '{missing}' does not exist")
    interface = {
        'NetworkInterfaceId': identifier('eni'),
        'SubnetId': subnet_id,
        'VpcId': subnet['VpcId'],
        'AvailabilityZone': subnet['AvailabilityZone'],
        'Description': description,
        'OwnerId': owner(),
        'Status': 'available',
        'PrivateIpAddress': _choose(subnet, primary),
        'SecondaryPrivateIpAddresses': [],
        'InterfaceType': 'interface',
        'SourceDestCheck': source_dest_check,
        'MacAddress': '02:00:00:00:00:01',
        'Groups': group_set(group_ids or [_default_group(subnet['VpcId'])]),
        'Attachment': None,
    }
    network_interfaces[interface['NetworkInterfaceId']] = interface
    try:
        assign(interface, secondary or [], secondary_count)
    except InterfaceError:
        del network_interfaces[interface['NetworkInterfaceId']]
        raise
    return interface


def assign(interface: dict, wanted: list[str], count: int = 0) -> list[str]:
    """Named secondary addresses, and `count` that EC2 chooses. Returns what was assigned."""
    subnet = subnets[interface['SubnetId']]
    assigned = []
    for address in [*wanted, *([None] * count)]:
        chosen = _choose(subnet, address)
        interface['SecondaryPrivateIpAddresses'].append(chosen)
        assigned.append(chosen)
    return assigned


def unassign(interface: dict, unwanted: list[str]) -> None:
    """Takes secondary addresses away; an Elastic IP on one of them is disassociated."""
    for address in unwanted:
        if address not in interface['SecondaryPrivateIpAddresses']:
            raise InterfaceError('InvalidParameterValue', f'[{address}] is not a secondary address of the interface')
        interface['SecondaryPrivateIpAddresses'].remove(address)
        held = ec2_addresses.on_private_address(interface['NetworkInterfaceId'], address)
        if held:
            ec2_addresses.disassociate(held)


def attach(interface: dict, instance_id: str, device_index: int, delete_on_termination: bool) -> str:
    if interface.get('Attachment'):
        raise InterfaceError('InvalidNetworkInterface.InUse',
                             f"Interface: [{interface['NetworkInterfaceId']}] in use.")
    interface['Status'] = 'in-use'
    interface['Attachment'] = {
        'AttachmentId': identifier('eni-attach'),
        'InstanceId': instance_id,
        'DeviceIndex': device_index,
        'Status': 'attached',
        'AttachTime': private(ec2, '_now_ts')(),
        'DeleteOnTermination': delete_on_termination,
    }
    return interface['Attachment']['AttachmentId']


def release(interface: dict) -> None:
    """The instance is terminated: the interface goes with it, or is free again, as its attachment says."""
    delete = (interface.get('Attachment') or {}).get('DeleteOnTermination', True)
    interface.update(Status='available', Attachment=None)
    for address in list(addresses.values()):
        if address.get('NetworkInterfaceId') == interface['NetworkInterfaceId']:
            address['InstanceId'] = None
    if delete:
        delete_interface(interface['NetworkInterfaceId'])


def existing(interface_id: str) -> dict:
    interface = network_interfaces.get(interface_id)
    if interface is None:
        raise InterfaceError('InvalidNetworkInterfaceID.NotFound',
                             f"The networkInterface ID '{interface_id}' does not exist")
    return interface


def delete_interface(interface_id: str) -> None:
    """Refused while attached (InvalidNetworkInterface.InUse); its Elastic IPs are disassociated."""
    if existing(interface_id).get('Attachment'):
        raise InterfaceError('InvalidNetworkInterface.InUse',
                             f"Network interface '{interface_id}' is currently in use.")
    for address in list(addresses.values()):
        if address.get('NetworkInterfaceId') == interface_id:
            ec2_addresses.disassociate(address)
    del network_interfaces[interface_id]
    private(ec2, '_tags').pop(interface_id, None)


def set_attributes(interface: dict, group_ids: list[str], source_dest_check: str) -> None:
    missing = next((g for g in group_ids if g not in security_groups), None)
    if missing:
        raise InterfaceError('InvalidGroup.NotFound', f"The security group '{missing}' does not exist")
    instance = instances.get((interface.get('Attachment') or {}).get('InstanceId', ''), {})
    if group_ids:
        interface['Groups'] = instance['SecurityGroups'] = group_set(group_ids)
    if source_dest_check:
        interface['SourceDestCheck'] = instance['SourceDestCheck'] = is_true(source_dest_check)


def addresses_xml(interface: dict, *, with_ids: bool) -> str:
    """`privateIpAddressesSet`; DescribeInstances leaves the allocation and association ids out."""
    items = ''
    for index, address in enumerate(private_addresses(interface)):
        held = ec2_addresses.on_private_address(interface['NetworkInterfaceId'], address)
        primary = 'true' if index == 0 else 'false'
        items += (f'<item><privateIpAddress>{address}</privateIpAddress><primary>{primary}</primary>'
                  f'{association_xml(held, with_ids)}</item>')
    return f'<privateIpAddressesSet>{items}</privateIpAddressesSet>'


def association_xml(address: dict | None, with_ids: bool) -> str:
    if address is None:
        return ''
    ids = ''
    if with_ids:
        ids = (f"<allocationId>{address['AllocationId']}</allocationId>"
               f"<associationId>{address['AssociationId']}</associationId>")
    return (f"<association><publicIp>{address['PublicIp']}</publicIp><ipOwnerId>{owner()}</ipOwnerId>{ids}"
            '</association>')


def interface_xml(interface: dict, *, with_ids: bool = True, tag: str = 'item') -> str:
    """One interface as DescribeNetworkInterfaces and (without ids) DescribeInstances show it."""
    groups = ''.join(f"<item><groupId>{g['GroupId']}</groupId><groupName>{g['GroupName']}</groupName></item>"
                     for g in interface['Groups'])
    attachment, held = interface.get('Attachment'), ec2_addresses.on_private_address(
        interface['NetworkInterfaceId'], interface['PrivateIpAddress'])
    attachment_xml = '' if not attachment else (
        f"<attachment><attachmentId>{attachment['AttachmentId']}</attachmentId>"
        + (f"<instanceId>{attachment['InstanceId']}</instanceId>" if with_ids else '')
        + f"<deviceIndex>{attachment['DeviceIndex']}</deviceIndex><status>{attachment['Status']}</status>"
        f"<attachTime>{attachment['AttachTime']}</attachTime>"
        f"<deleteOnTermination>{str(attachment.get('DeleteOnTermination', True)).lower()}</deleteOnTermination>"
        '</attachment>')
    return f"""<{tag}>
        <networkInterfaceId>{interface['NetworkInterfaceId']}</networkInterfaceId>
        <subnetId>{interface['SubnetId']}</subnetId><vpcId>{interface['VpcId']}</vpcId>
        <availabilityZone>{interface['AvailabilityZone']}</availabilityZone>
        <description>{interface['Description']}</description><ownerId>{interface['OwnerId']}</ownerId>
        <status>{interface['Status']}</status><macAddress>{interface['MacAddress']}</macAddress>
        <privateIpAddress>{interface['PrivateIpAddress']}</privateIpAddress>
        <sourceDestCheck>{str(interface['SourceDestCheck']).lower()}</sourceDestCheck>
        <interfaceType>{interface.get('InterfaceType', 'interface')}</interfaceType>
        <groupSet>{groups}</groupSet>{attachment_xml}{association_xml(held, with_ids)}
        {addresses_xml(interface, with_ids=with_ids)}{tag_set_xml(interface['NetworkInterfaceId'])}
    </{tag}>"""


def _choose(subnet: dict, wanted: str | None) -> str:
    used = addresses_in_subnet(subnet['SubnetId'])
    if wanted is not None:
        if wanted in used:
            raise InterfaceError('InvalidIPAddress.InUse', f'Address {wanted} is in use.')
        return wanted
    try:
        return free_address(subnet['CidrBlock'], used)
    except LookupError:
        raise InterfaceError('InsufficientFreeAddressesInSubnet',
                             f"There are not enough free addresses in subnet '{subnet['SubnetId']}'") from None


def _default_group(vpc_id: str) -> str:
    found = next((g for g, v in security_groups.items() if v['VpcId'] == vpc_id and v['GroupName'] == 'default'), None)
    return found or private(ec2, '_DEFAULT_SG_ID')

"""What the EC2 modules share: MiniStack's stores, identifiers, answers, and the choice of addresses."""
import ipaddress
import os
from typing import Iterable, Iterator

from ministack.core.responses import get_account_id, new_uuid
from ministack.services import ec2

from .patching import private

instances = private(ec2, '_instances')
addresses = private(ec2, '_addresses')
network_interfaces = private(ec2, '_network_interfaces')
subnets = private(ec2, '_subnets')
security_groups = private(ec2, '_security_groups')
actions = private(ec2, '_ACTION_MAP')

parameter = private(ec2, '_p')
parse_list = private(ec2, '_parse_member_list')
parse_filters = private(ec2, '_parse_filters')
matches_tags = private(ec2, '_resource_matches_tag_filters')
tag_set_xml = private(ec2, '_tag_set_xml')
answer = private(ec2, '_xml')
error = private(ec2, '_error')

# Elastic IPs of the laptop are loopback addresses, so that a relay can listen on them and nothing leaves the machine.
ELASTIC_IP_POOL = os.environ.get('EC2_ELASTIC_IP_POOL', '127.65.0.0/16')
# Public addresses that an instance gets by itself; loopback as well, and apart from the Elastic IPs.
PUBLIC_IP_POOL = os.environ.get('EC2_PUBLIC_IP_POOL', '127.66.0.0/16')
# AWS keeps the first four addresses of a subnet; .10 leaves room for humans to tell them apart.
FIRST_HOST = 10


def identifier(prefix: str) -> str:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html: prefix and 17 hexadecimal digits."""
    return f'{prefix}-{new_uuid().replace("-", "")[:17]}'


def owner() -> str:
    return get_account_id()


def is_true(value: object) -> bool:
    return str(value).lower() == 'true'


def free_address(network: str, used: Iterable[str]) -> str:
    """The lowest free host of a network from .10 upward. Raises LookupError when it is full."""
    taken = set(used)
    hosts = ipaddress.ip_network(network, strict=False)
    for offset in range(FIRST_HOST, hosts.num_addresses - 1):
        candidate = str(hosts[offset])
        if candidate not in taken:
            return candidate
    raise LookupError(network)


def private_addresses(interface: dict) -> Iterator[str]:
    """The primary private address first, then the secondary ones."""
    yield interface['PrivateIpAddress']
    yield from interface.get('SecondaryPrivateIpAddresses', [])


def addresses_in_subnet(subnet_id: str) -> set[str]:
    return {a for e in list(network_interfaces.values()) if e['SubnetId'] == subnet_id for a in private_addresses(e)}


def interfaces_of(instance_id: str) -> list[dict]:
    """Attached interfaces by device index; the first one is the primary interface."""
    attached = [e for e in list(network_interfaces.values())
                if (e.get('Attachment') or {}).get('InstanceId') == instance_id]
    return sorted(attached, key=lambda e: e['Attachment']['DeviceIndex'])


def group_set(group_ids: Iterable[str]) -> list[dict]:
    return [{'GroupId': g, 'GroupName': (security_groups.get(g) or {}).get('GroupName', g)} for g in group_ids]


def glob_in(value: object, patterns: list[str]) -> bool:
    """Filter values may hold * and ?: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html"""
    return value is not None and any(private(ec2, '_glob_match')(p, str(value)) for p in patterns)


def unknown_filter(filters: dict, known: Iterable[str]):
    """The refusal of a filter that is not modelled, so that none is ignored; None when all are known."""
    unknown = next((f for f in filters if f not in known and not f.startswith('tag:') and f != 'tag-key'), None)
    return error('InvalidParameterValue', f"The filter '{unknown}' is invalid", 400) if unknown else None

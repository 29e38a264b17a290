"""What a policy is checked against: the resources that an EC2 request names, and condition keys that would be missing.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_ec2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_route53.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html (normalised names)
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html

MiniStack checks one resource of an EC2 request, knows no tags of EC2 resources, and none of Route 53's keys: a policy
that AWS allows was denied, or one that AWS denies was allowed.
"""
import re
from urllib.parse import unquote
from xml.etree import ElementTree

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, tagging

from .ec2_common import addresses, network_interfaces
from .patching import add_entry, private, replace

# Parameters that name resources in the actions that Understudy uses. Every resource named must be allowed.
_NAMED_BY = {
    'AssociateAddress': {
        'AllocationId': 'elastic-ip', 'NetworkInterfaceId': 'network-interface', 'InstanceId': 'instance'},
    'ReleaseAddress': {'AllocationId': 'elastic-ip'},
    'StopInstances': {'InstanceId.*': 'instance'},
    'StartInstances': {'InstanceId.*': 'instance'},
    'RebootInstances': {'InstanceId.*': 'instance'},
    'TerminateInstances': {'InstanceId.*': 'instance'},
    'ModifyInstanceAttribute': {'InstanceId': 'instance', 'GroupId.*': 'security-group'},
    'ModifyNetworkInterfaceAttribute': {
        'NetworkInterfaceId': 'network-interface', 'SecurityGroupId.*': 'security-group'},
    'AssignPrivateIpAddresses': {'NetworkInterfaceId': 'network-interface'},
    'UnassignPrivateIpAddresses': {'NetworkInterfaceId': 'network-interface'},
}


def _value(params: dict, key: str) -> str:
    found = params.get(key, '')
    return found[0] if isinstance(found, list) else found


def _ec2_arn(kind: str, resource_id: str) -> str:
    return f'arn:aws:ec2:{get_region()}:{get_account_id()}:{kind}/{resource_id}'


def ec2_resources(params: dict) -> list[str] | None:
    """Every resource ARN of a request, ['*'] for actions without resource-level permissions, None: not ours to say."""
    action = _value(params, 'Action')
    if action.startswith('Describe'):
        return ['*']
    if action in ('CreateTags', 'DeleteTags'):
        ids = [_value(params, k) for k in params if re.fullmatch(r'ResourceId\.\d+', k)]
        return [_ec2_arn(private(ec2, '_guess_resource_type')(i), i) for i in ids]
    if action == 'DisassociateAddress':
        wanted = _value(params, 'AssociationId')
        held = next((a for a in list(addresses.values()) if a['AssociationId'] == wanted), None)
        if held is None:
            return ['*']
        return [_ec2_arn('elastic-ip', held['AllocationId'])]
    named = _NAMED_BY.get(action)
    if named is None:
        return None
    return [_ec2_arn(kind, _value(params, key)) for pattern, kind in named.items() for key in params
            if re.fullmatch(pattern.replace('.*', r'\.\d+'), key) and _value(params, key)]


def _first_resource(base):
    def extract(service, method, path, headers, body, query_params, region, account_id):
        if service == 'ec2' and (found := ec2_resources(query_params)):
            return found[0]
        if service == 'route53' and (change := re.search(r'/change/([^/]+)', path)):
            return f'arn:aws:route53:::change/{change[1]}'
        return base(service, method, path, headers, body, query_params, region, account_id)

    return extract


def _all_resources(base):
    """MiniStack checks the further resources of Verified Access calls; the same hook serves ours."""
    return lambda params, region, account_id: ec2_resources(params) or base(params, region, account_id)


def _ec2_tags_by_arn():
    for resource_id, tags in list(private(ec2, '_tags').items()):
        yield _ec2_arn(private(ec2, '_guess_resource_type')(resource_id), resource_id), tags


def route53_keys(body: bytes) -> dict:
    """The three ChangeResourceRecordSets keys, each with every distinct value of the batch."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return {}
    def texts(tag):
        return sorted({e.text or '' for e in root.iter() if e.tag.rsplit('}', 1)[-1] == tag})

    prefix = 'route53:ChangeResourceRecordSets'
    return {
        f'{prefix}NormalizedRecordNames': sorted({normalise(n) for n in texts('Name')}),
        f'{prefix}RecordTypes': texts('Type'),
        f'{prefix}Actions': texts('Action'),
    }


def normalise(name: str) -> str:
    """Lower case, no trailing dot, and \\ooo for anything but a-z 0-9 - _ . (as the guide says)."""
    lowered = re.sub(r'\\(\d{3})', lambda m: chr(int(m[1], 8)), name.lower()).rstrip('.')
    return ''.join(c if re.fullmatch(r'[a-z0-9._-]', c) else f'\\{ord(c):03o}' for c in lowered)


def _with_our_keys(base):
    def context(service, iam_action, body, params):
        found = dict(base(service, iam_action, body, params))
        if iam_action == 'route53:ChangeResourceRecordSets':
            found.update(route53_keys(body))
        if iam_action == 'cloudwatch:PutMetricData' and (namespace := _namespace(body, params)):
            found['cloudwatch:namespace'] = namespace
        return found

    return context


def _namespace(body: bytes, params: dict) -> str:
    if found := _value(params, 'Namespace'):
        return found
    match = re.search(rb'Namespace["=]:?\s*"?([\w./%#:-]+)', body)
    return unquote(match[1].decode()) if match else ''


def _with_resource_keys(base):
    """ec2:ResourceTag/*, aws:ResourceTag/*, ec2:Region and an interface's ec2:Vpc, of the resource being checked."""
    def enforce(access_key, iam_action, service, region, resource_arn='*', service_context=None):
        found = dict(service_context or {})
        if service == 'ec2':
            found['ec2:Region'] = region
            if interface := network_interfaces.get(resource_arn.rpartition(':network-interface/')[2]):
                found['ec2:Vpc'] = _ec2_arn('vpc', interface['VpcId'])
            for name, value in (tagging.resource_tags(resource_arn) or {}).items():
                found[f'ec2:ResourceTag/{name}'] = found[f'aws:ResourceTag/{name}'] = value
        return base(access_key, iam_action, service, region, resource_arn=resource_arn, service_context=found)

    return enforce


def install() -> None:
    private(tagging, 'resource_tags')
    add_entry(private(tagging, '_RESOURCE_TAG_COLLECTORS'), 'ec2', _ec2_tags_by_arn, 'tagging._RESOURCE_TAG_COLLECTORS')
    replace(iam_actions, 'extract_resource_arn', _first_resource)
    replace(iam_actions, 'verified_access_resource_arns', _all_resources)
    replace(iam_actions, 'request_tag_context', _with_our_keys)
    replace(iam_evaluator, 'enforce', _with_resource_keys)

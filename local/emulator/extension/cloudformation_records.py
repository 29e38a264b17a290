"""CloudFormation types that deploy as a record and do nothing. To add one, add a line to RECORD_ONLY.

Ref is the identifier. Fn::GetAtt knows Id, Arn and the attributes that the line names, all with the same value.
"""
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, route53
from ministack.services.cloudformation import provisioners

from .ec2_common import identifier
from .patching import add_entry, private

handlers = private(provisioners, '_RESOURCE_HANDLERS')

# type: (prefix of the identifier, further attributes)
RECORD_ONLY: dict[str, tuple[str, tuple[str, ...]]] = {
    'AWS::EC2::NatGateway': ('nat', ('NatGatewayId',)),
    'AWS::EC2::EgressOnlyInternetGateway': ('eigw', ()),
    'AWS::EC2::VPCCidrBlock': ('vpc-cidr-assoc', ('Ipv6CidrBlock',)),
    'AWS::EC2::FlowLog': ('fl', ()),
    'AWS::EC2::NetworkAcl': ('acl', ('NetworkAclId',)),
    'AWS::EC2::NetworkAclEntry': ('acl-entry', ()),
    'AWS::EC2::SubnetNetworkAclAssociation': ('aclassoc', ('AssociationId',)),
    'AWS::EC2::PrefixList': ('pl', ('PrefixListId',)),
    'AWS::EC2::Volume': ('vol', ('VolumeId',)),
    'AWS::EC2::VolumeAttachment': ('vol-attach', ()),
    # A schedule that never comes: rotations are played by invoking the function.
    'AWS::SecretsManager::RotationSchedule': ('rotation-schedule', ()),
    'AWS::SSM::Document': ('ssm-document', ()),
    'AWS::SSM::Association': ('ssm-association', ('AssociationId',)),
    'AWS::Logs::QueryDefinition': ('query', ('QueryDefinitionId',)),
    'AWS::FIS::ExperimentTemplate': ('fis', ()),
    'AWS::Backup::BackupSelection': ('backup-selection', ('SelectionId',)),
    'AWS::DLM::LifecyclePolicy': ('policy', ()),
    'AWS::CloudTrail::Trail': ('trail', ()),
    'AWS::Budgets::Budget': ('budget', ()),
    'AWS::Events::Archive': ('archive', ('ArchiveName',)),
    'AWS::ResourceGroups::Group': ('group', ()),
    'AWS::ServiceCatalogAppRegistry::Application': ('application', ()),
}


def _record(resource_type: str, prefix: str, attributes: tuple[str, ...]) -> dict:
    _, service, kind = resource_type.split('::')

    def described(physical_id):
        arn = f'arn:aws:{service.lower()}:{get_region()}:{get_account_id()}:{kind.lower()}/{physical_id}'
        return physical_id, {'Id': physical_id, 'Arn': arn, **{a: physical_id for a in attributes}}

    return {
        'create': lambda logical_id, props, stack_name: described(identifier(prefix)),
        'update': lambda physical_id, old, new, stack_name: described(physical_id),
        'delete': lambda physical_id, props: None,
    }


# ---- AWS::CloudWatch::CompositeAlarm --------------------------------------------------------------------------------
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-compositealarm.html


def _composite_put(name: str, props: dict):
    response = private(cloudwatch, '_put_composite_alarm')({}, {**props, 'AlarmName': name}, False, True)
    if response[0] >= 400:
        raise ValueError(f'composite alarm {name} was refused: {response[2]!r}')
    return name, {'Arn': f'arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}'}


def _composite_create(logical_id, props, stack_name):
    physical_name = private(provisioners, '_physical_name')
    return _composite_put(props.get('AlarmName') or physical_name(stack_name, logical_id, max_len=255), props)


# ---- AWS::Route53::HealthCheck --------------------------------------------------------------------------------------
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-healthcheck.html


def _health_check_put(physical_id: str, props: dict):
    private(route53, '_health_checks')[physical_id] = {
        'id': physical_id, 'caller_reference': physical_id, 'config': dict(props['HealthCheckConfig']), 'version': 1}
    return physical_id, {'HealthCheckId': physical_id}


def install() -> None:
    table = 'provisioners._RESOURCE_HANDLERS'
    for resource_type, (prefix, attributes) in RECORD_ONLY.items():
        add_entry(handlers, resource_type, _record(resource_type, prefix, attributes), table)
    add_entry(handlers, 'AWS::CloudWatch::CompositeAlarm', {
        'create': _composite_create,
        'update': lambda physical_id, old, new, stack_name: _composite_put(physical_id, new),
        'delete': lambda physical_id, props: private(cloudwatch, '_composite_alarms').pop(physical_id, None),
    }, table)
    add_entry(handlers, 'AWS::Route53::HealthCheck', {
        'create': lambda logical_id, props, stack_name: _health_check_put(private(route53, '_hc_id')(), props),
        'update': lambda physical_id, old, new, stack_name: _health_check_put(physical_id, new),
        'delete': lambda physical_id, props: private(route53, '_health_checks').pop(physical_id, None),
    }, table)

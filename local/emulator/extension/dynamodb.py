"""Table settings that the template handler of MiniStack drops, and what deletion protection means to CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html (deletion protection)
"""
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from .cloudformation_properties import after
from .ec2_common import is_true
from .patching import private, replace_entry


def _apply_settings(table_name: str, props: dict, attributes: dict) -> None:
    if props.get('TimeToLiveSpecification'):
        private(dynamodb, '_update_ttl')({
            'TableName': table_name, 'TimeToLiveSpecification': props['TimeToLiveSpecification']})
    recovery = (props.get('Replicas') or [props])[0].get('PointInTimeRecoverySpecification') or {}
    private(dynamodb, '_update_continuous_backups')({
        'TableName': table_name, 'PointInTimeRecoverySpecification': {
            'PointInTimeRecoveryEnabled': is_true(recovery.get('PointInTimeRecoveryEnabled'))}})


def _refuse_while_protected(base: dict) -> dict:
    """A delete of a protected table fails, and with it the delete of the stack."""
    def delete(physical_id, props):
        table = private(dynamodb, '_tables').get(physical_id)
        if table and is_true(table.get('DeletionProtectionEnabled')):
            raise ValueError(f'Resource cannot be deleted as it is currently protected against deletion: {physical_id}')
        return base['delete'](physical_id, props)

    return {**base, 'delete': delete}


def _keep_on_update(base: dict) -> dict:
    """MiniStack replaces a GlobalTable (the CDK's TableV2) by an empty one when any property changes; AWS keeps it."""
    update = base['update']
    return {**base, 'update': lambda physical_id, old, new, stack_name: update(
        physical_id, {**old, 'TableName': physical_id}, {**new, 'TableName': physical_id}, stack_name)}


def install() -> None:
    handlers = private(provisioners, '_RESOURCE_HANDLERS')
    replace_entry(handlers, 'AWS::DynamoDB::GlobalTable', _keep_on_update, 'provisioners._RESOURCE_HANDLERS')
    for resource_type in ('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'):
        after(resource_type, _apply_settings)
        replace_entry(handlers, resource_type, _refuse_while_protected, 'provisioners._RESOURCE_HANDLERS')

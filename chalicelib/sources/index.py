"""The index of sources, written by `make generate` from what their modules declare: not to be edited."""

SENT = (
    ("aws.cloudwatch", "CloudWatch Alarm State Change", "alarm"),
    ("aws.cloudwatch", "CloudWatch Alarm Contributor State Change", "alarm"),
    ("aws.cloudwatch", "CloudWatch Alarm Configuration Change", "alarm"),
    ("monitoring.agent.logs", "Backfill Finished", "backfill"),
    ("aws.codedeploy", "CodeDeploy Deployment State-change Notification", "codedeploy"),
    ("aws.codepipeline", "CodePipeline Pipeline Execution State Change", "codepipeline"),
    ("aws.ecs", "ECS Deployment State Change", "ecs_deployment"),
    ("monitoring.agent.logs", "Error Logs", "error_logs"),
    ("aws.guardduty", "GuardDuty Finding", "guardduty"),
    ("aws.health", "AWS Health Event", "health"),
    ("aws.health", "AWS Health Abuse Event", "health"),
    ("aws.lambda", "AWS API Call via CloudTrail", "lambda_update"),
    ("monitoring.agent.budget", "Scan Budget", "scan_budget"),
    ("aws.cloudformation", "CloudFormation Stack Status Change", "stack"),
    ("aws.cloudformation", "CloudFormation Drift Detection Status Change", "stack"),
    ("aws.cloudformation", "CloudFormation Resource Status Change", "stack"),
    ("aws.cloudformation", "CloudFormation StackSet StackInstance Status Change", "stack_set"),
    ("aws.cloudformation", "CloudFormation StackSet Operation Status Change", "stack_set"),
)
OWN = (
    ("monitoring.hub", "Agent State Change", "agent_state"),
    ("monitoring.hub", "Canary State Change", "canary"),
    ("monitoring.hub", "Failure Destinations State Change", "failure_destinations"),
    ("monitoring.hub", "Daily Reconciliation", "reconciliation"),
)
ENDLESS = (
    "custom",
    "error_logs",
    "unknown",
)
WIDESPREAD = ("error_logs",)
DEPLOYS = {
    "codedeploy": (
        "deployment group",
        {
            "SUCCESS": "deployed",
            "FAILURE": "deployed in part",
        },
        {
            "START": "deployed",
        },
    ),
    "codepipeline": (
        "pipeline",
        {
            "SUCCEEDED": "run",
        },
        {
            "STARTED": "run",
            "RESUMED": "run",
        },
    ),
    "ecs_deployment": (
        "ECS service",
        {
            "SERVICE_DEPLOYMENT_COMPLETED": "deployed",
            "SERVICE_DEPLOYMENT_FAILED": "deployed in part",
        },
        {
            "SERVICE_DEPLOYMENT_IN_PROGRESS": "deployed",
        },
    ),
    "lambda_update": (
        "function",
        {
            "UpdateFunctionCode": "updated",
            "UpdateFunctionConfiguration": "reconfigured",
            "PublishVersion": "published",
            "UpdateAlias": "moved to another version",
        },
        {},
    ),
    "stack": (
        "stack",
        {
            "CREATE_COMPLETE": "created",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "updated",
            "UPDATE_COMPLETE": "updated",
            "ROLLBACK_COMPLETE": "rolled back",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "rolled back",
            "UPDATE_ROLLBACK_COMPLETE": "rolled back",
            "DELETE_COMPLETE": "deleted",
        },
        {
            "CREATE_IN_PROGRESS": "created",
            "UPDATE_IN_PROGRESS": "updated",
            "ROLLBACK_IN_PROGRESS": "rolled back",
            "UPDATE_ROLLBACK_IN_PROGRESS": "rolled back",
            "DELETE_IN_PROGRESS": "deleted",
        },
    ),
}

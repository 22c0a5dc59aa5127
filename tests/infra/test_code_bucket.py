"""The agents' code: the organisation may read it, nobody else, and nobody may write it but its owner."""

from tests.infra.templates import read, resources, statements

BUCKET = read("code-bucket.yaml")["Resources"]["Code"]["Properties"]


def test_the_bucket_is_found_by_agents_in_its_region() -> None:
    code = read("agent.yaml")["Resources"]["Scan"]["Properties"]["Code"]

    assert BUCKET["BucketName"] == code["S3Bucket"] == {"Fn::Sub": "${CodeBucketPrefix}-${AWS::Region}"}


def test_the_bucket_is_never_public() -> None:
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert BUCKET["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_the_organisation_may_read_objects_and_nothing_else() -> None:
    (policy,) = resources("code-bucket.yaml", "AWS::S3::BucketPolicy").values()
    conditional, refusing = statements(policy)
    condition, allowed, otherwise = conditional["Fn::If"]

    assert refusing["Effect"] == "Deny"
    assert (condition, otherwise) == ("HasOrganization", {"Ref": "AWS::NoValue"})
    assert allowed["Action"] == "s3:GetObject"
    assert allowed["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}}


def test_no_code_is_lost_to_another_of_its_name() -> None:
    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}
    assert read("code-bucket.yaml")["Resources"]["Code"]["DeletionPolicy"] == "Retain"

"""The gateways against fakes, moto and DynamoDB Local."""

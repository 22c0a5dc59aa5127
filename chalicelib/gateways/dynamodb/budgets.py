"""Budgets: how often methods of other services were called in a minute, by all functions together."""

from msgspec import Struct

from chalicelib.gateways.dynamodb.expressions import DynamoExpression
from chalicelib.gateways.dynamodb.table import DynamoTable

# Whoever asks for a minute that is over asks too late.
KEPT = 3_600


class DynamoCallBudgets(Struct, frozen=True):
    """The budgets: an item for each method and minute."""

    table: DynamoTable

    def take(self, name: str, minute: int, most: int) -> bool:
        """Count one call in this minute; False where there were `most` already."""
        expression = DynamoExpression()
        count = expression.path("count")
        expression.condition = f"attribute_not_exists({count}) OR {count} < {expression.value(most)}"
        expression.sets.append(f"{count} = if_not_exists({count}, {expression.value(0)}) + {expression.value(1)}")
        expression.update({"expired_at": (minute + 1) * 60 + KEPT})
        return self.table.update({"pk": f"BUDGET#{name}", "sk": str(minute)}, expression)

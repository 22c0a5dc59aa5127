"""AWS's console: links that open in the right account.

A console's address names a region and no account: it opens in whichever account the reader is signed in to. With IAM
Identity Center, its access portal has links that first choose account and role:
https://docs.aws.amazon.com/singlesignon/latest/userguide/createshortcutlink.html
"""

import re
from urllib.parse import quote

from msgspec import Struct

ACCOUNT = re.compile("[0-9]{12}")
# What Slack takes for a button's address.
LONGEST = 3_000


class Console(Struct, frozen=True):
    """AWS's console, reached through an access portal in a role of the reader's, or (both empty) directly."""

    portal: str = ""
    role: str = ""

    def link(self, address: str, account: str) -> str:
        """Return the address so that it opens in the account; unchanged where the portal cannot do that.

        It cannot where there is no one account, as for a public event, or where the address would become too long.
        """
        if not (self.portal and address and ACCOUNT.fullmatch(account)):
            return address
        chosen = f"account_id={account}&role_name={quote(self.role, safe='')}"
        through = f"{self.portal}/#/console?{chosen}&destination={quote(address, safe='')}"
        return through if len(through) <= LONGEST else address


DIRECT = Console()

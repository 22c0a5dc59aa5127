"""Personal numbers: of payment cards, bank accounts and social security, and one-time codes."""

import re
from itertools import accumulate

from chalicelib.domain.credentials.marks import mark, marked

# Digits as people write them; fewer than a card has are none, and a phone's number begins with a plus.
_DIGITS = (
    r"\d(?<!\d\d)(?<!\+\d)(?<!\d\.\d)(?=(?:[ \u00a0.-]?\d){12})\d{2,18}(?!\d)(?:[ \u00a0.-]\d{3,19}"
    r"(?!\d)){0,64}+"
)
# What card numbers begin with, and how many digits they have.
_CARD = r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|6[0-9])\d{14}|3[47]\d{13}|3[0689]\d{12}"
_FEWEST_DIGITS, MOST_DIGITS = 13, 19
SMALLEST_CARD = 10 ** (_FEWEST_DIGITS - 1)
_GROUP, _MOST_GROUPS = r"\d+", 6


# ISO 13616: country, check digits, and what the country's banks number accounts with, in groups of four or in one.
_IBAN = r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
LIKE_IBAN = r"[A-Z]{2}\d{2} ?[A-Z0-9]{4}"
_SHORTEST_IBAN, _REMAINDER, _MODULUS = 15, 1, 97
_SSN = r"(?i)\bSSN[\s:#=]{1,4}(?P<number>\d{3}-\d{2}-\d{4})(?!\d)"
# A word for what is sent to somebody once, and `code` behind it; or what such codes are called.
_CODE = (
    r"[cC](?:ode|ODE)s?(?:\sfor\s[\w.@+-]{1,64}(?:\s[\w.@+-]{1,64})?)?"
    # Ports and orders have numbers, too.
    r"(?<!\sport)(?<!\sorder)(?<!\sline)(?:\s(?:is|was))?[\s:=\"'(\[]{1,4}(?P<code>\d{4,10})(?![\w-])"
)
_ONE_TIME = (
    r"(?i)(?:T?OTP|2FA|MFA|verification|one[ _-]time|pass|security|log ?in|sms|auth(?:entication|orization)?"
    r"|confirmation|\byour)[ _-]?$"
)
_CALLED = (
    r"\b(?:T?OTP|otp|2FA|PIN|[pP]asscode|[oO]ne-time password)\s(?:for\s\S{1,64}\s)?(?:(?:is|was)\s)?"
    r"\(?(?P<code>\d{4,10})(?![\w-])"
)
# As text messages say it: `123456 is your ... code`.
_YOURS = r"(?i)(?<!\w)(?:G-)?(?P<code>\d{4,10}) is your (?:[\w'-]{1,20} ){0,5}(?:code|OTP|PIN|pass(?:word|code))\b"
_AROUND = 20


def without_personal_numbers(text: str) -> str:
    """Replace the numbers of people's cards, accounts and codes in a text."""
    if "SSN" in text or "ssn" in text:
        text = re.sub(_SSN, lambda found: marked(found, "number", "secret"), text)
    if "ode" in text or "ODE" in text:
        text = re.sub(_CODE, _without_code, text)
    if "TP " in text or "tp " in text or "FA " in text or "PIN " in text or "asscode " in text or "-time pass" in text:
        text = re.sub(_CALLED, lambda found: marked(found, "code", "code"), text)
    if " is your " in text:
        text = re.sub(_YOURS, lambda found: marked(found, "code", "code"), text)
    if re.search(LIKE_IBAN, text):
        text = re.sub(_IBAN, _without_iban, text)
    return without_cards(text)


def _without_code(found: re.Match[str]) -> str:
    around = found.string[max(0, found.start() - _AROUND) : found.start()]
    return marked(found, "code", "code") if re.search(_ONE_TIME, around) else found[0]


def _without_iban(found: re.Match[str]) -> str:
    signs = found[0].replace(" ", "")
    if len(signs) < _SHORTEST_IBAN:
        return found[0]
    number = int("".join(str(int(each, 36)) for each in signs[4:] + signs[:4]))
    return mark("account number") if number % _MODULUS == _REMAINDER else found[0]


def without_cards(text: str) -> str:
    """Replace the card numbers in a text."""
    return re.sub(_DIGITS, _without_cards, text)


def is_card(digits: str) -> bool:
    """Return whether digits are a card's: one of the known beginnings, and Luhn's sum ends in zero."""
    if not (_FEWEST_DIGITS <= len(digits) <= MOST_DIGITS and re.fullmatch(_CARD, digits)):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _without_cards(found: re.Match[str]) -> str:
    """Replace the card numbers in a row of groups of digits."""
    text, groups = found[0], [*re.finditer(_GROUP, found[0])]
    digits = "".join(group[0] for group in groups)
    begins = [0, *accumulate(len(group[0]) for group in groups)]
    kept, behind = [], 0
    for first, group in enumerate(groups):
        if group.start() < behind:
            continue
        for last in range(first, min(first + _MOST_GROUPS, len(groups))):
            if is_card(digits[begins[first] : begins[last + 1]]):
                kept += [text[behind : group.start()], mark("card number")]
                behind = groups[last].end()
                break
    return "".join((*kept, text[behind:]))

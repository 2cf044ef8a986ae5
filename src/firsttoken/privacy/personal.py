"""What belongs to a person: addresses, numbers of phones and of cards. Taken out where that is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from firsttoken.privacy.sighting import Sight

EMAIL: Final = Sight(
    "email",
    r"(?<![\w.%+\-])[\w.%+\-]{1,64}@(?:[^\W_](?:[\w\-]{0,62})\.){1,8}[^\W\d_]{2,24}(?![\w\-])",
    needs="@",
)

SEPARATED: Final = r"(?:[ .\-/\u00a0]{1,2}|[ ]?\([0-9]{1,5}\)[ ]?)?"
"""What may stand between two digits of a phone number."""

PHONE: Final = Sight(
    "phone",
    r"(?<![\w.+\-/])(?:"
    r"(?:\+|00)[ ]?[1-9](?:" + SEPARATED + r"[0-9]){6,14}"
    r"|\(?0[1-9][0-9]{0,4}\)?(?:[ .\-/\u00a0]{0,2}[0-9]){5,11}"
    r"|\(?[2-9][0-9]{2}\)?[ .\-]{1,2}[2-9][0-9]{2}[ .\-][0-9]{4}"
    r")(?![\w])",
)

FOUR: Final = r"(?<![0-9])[2-6][0-9]{3}"
CARD: Final = tuple(
    Sight("card", pattern + r"(?![0-9])", is_real=lambda match: is_card_number(match[0]))
    for pattern in (
        r"(?<![0-9])[2-6][0-9]{12,18}",
        FOUR + r"(?:[ \-][0-9]{4}){2}[ \-][0-9]{1,4}",
        FOUR + r"(?:[ \-][0-9]{4}){3}[ \-][0-9]{1,3}",
        FOUR + r"[ \-][0-9]{6}[ \-][0-9]{4,5}",
    )
)
"""Without spaces, and in the groups in which issuers print them."""

PERSONAL: Final[Mapping[str, tuple[Sight, ...]]] = {"email": (EMAIL,), "phone": (PHONE,), "card": CARD}
"""By the words with which they are asked for."""


def is_card_number(text: str) -> bool:
    """Whether its digits are as many as a card has, and add up by Luhn's formula."""
    digits = [int(digit) for digit in re.sub("[ -]", "", text)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0

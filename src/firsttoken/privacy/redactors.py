"""Ready-made redactors: functions from a text to the same text without what is private, in linear time.

`keys` is applied to everything that is recorded, whether it is asked for or not. The others are applied where
`FIRSTTOKEN_REDACT` names them, or as part of a `redact` function of your own: `Settings(redact=chain(email, mine))`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firsttoken.privacy.credentials import CREDENTIALS
from firsttoken.privacy.personal import CARD, EMAIL, PHONE
from firsttoken.privacy.redaction import Redactor

__all__ = ["card", "chain", "email", "keys", "phone"]

keys: Final = Redactor(CREDENTIALS)
"""API keys, tokens, private keys, and the values of what is called a password or a secret."""

email: Final = Redactor((EMAIL,))
"""E-mail addresses."""

phone: Final = Redactor((PHONE,))
"""Phone numbers: international ones, those with a trunk prefix 0, and those of North America."""

card: Final = Redactor(CARD)
"""Numbers of payment cards, which add up by Luhn's formula."""


def chain(*redactors: Callable[[str], str]) -> Callable[[str], str]:
    """One after the other."""

    def redact(text: str) -> str:
        for each in redactors:
            text = each(text)
        return text

    return redact

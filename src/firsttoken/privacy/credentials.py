"""What keys, tokens and passwords look like. These are always taken out.

Each form is the one that its issuer has published. Scanners that are made for repositories look at lines and go by
entropy, which finds too much in prose and takes too long in one long line.
"""

from __future__ import annotations

from typing import Final

from firsttoken.privacy.sighting import Match, Sight

SURE_NAMES: Final = (
    "accesskey",
    "accountkey",
    "apikey",
    "authkey",
    "authorization",
    "clientsecret",
    "passphrase",
    "password",
    "passwd",
    "privatekey",
    "secretaccesskey",
    "secretkey",
    "subscriptionkey",
)
"""What the names of secrets end with, without `_` and `-`, in whatever is told: settings, headers, objects."""

SECRET_NAMES: Final = (*SURE_NAMES, "credential", "secret", "sig", "signature", "token")
"""And those that are also said of other things: their value must look like one."""

LONGEST_NAME: Final = 48


def _has_digit(match: Match) -> bool:
    """Words that people write have none."""
    return any("0" <= character <= "9" for character in match[match.lastgroup or 0])


def _is_named_secret(match: Match) -> bool:
    """Whether the name before it is one of a secret, and it looks like a value."""
    before = match.string[max(match.start() - LONGEST_NAME, 0) : match.start()].rstrip(" \t\"'\\")
    return _plain(before).endswith(SECRET_NAMES) and _has_digit(match)


def names_secret(name: str) -> bool:
    """Whether the member of an object that is called so holds a secret, whatever it looks like."""
    return _plain(name).endswith(SURE_NAMES)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


CREDENTIALS: Final = (
    Sight(
        "private_key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*+(?:-(?!----END)[^-]*+)*+"
        r"(?:-----END [A-Z0-9 ]{0,60}-----)?",
        needs="-----BEGIN ",
    ),
    Sight(
        "api_key",
        r"[\w\-]{16,}",
        ("sk-", "pk-", "rk-", "gsk_", "xai-", "pplx-", "nvapi-", "hf_", "fw_", "r8_", "tgp_", "sk_", "rk_", "pk_"),
        is_real=_has_digit,
    ),
    Sight("aws_key", r"[A-Z2-7]{16}(?![A-Za-z0-9])", ("AKIA", "ASIA", "ABIA", "ACCA")),
    Sight("aws_key", r"[A-Za-z0-9+/]{32,}={0,2}", ("ABSK",)),
    Sight("github_token", r"[A-Za-z0-9_]{36,}", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")),
    Sight("gitlab_token", r"[\w\-]{20,}", ("glpat-",)),
    Sight("slack_token", r"(?:(?<=xox)[a-z]-|(?<=xapp-))[A-Za-z0-9\-]{10,}", ("xox", "xapp-")),
    Sight("google_key", r"[\w\-.]{20,}", ("AIza", "ya29.", "GOCSPX-")),
    Sight("registry_token", r"[\w\-]{36,}", ("pypi-", "npm_")),
    Sight("jwt", r"[\w\-]{8,}+\.[\w\-]{8,}+(?:\.[\w\-]*+)?", ("eyJ",)),
    Sight(
        "authorization",
        r"[ \t]{1,4}(?P<secret>[\w\-.~+/]{16,}+={0,2})",
        ("Bearer", "bearer", "BEARER", "Basic", "basic", "BASIC"),
        is_real=_has_digit,
    ),
    Sight(
        "secret",
        r"""[=:][ \t]{0,4}(?:\\?["'])?(?P<secret>[\w\-.~+/%]{8,}+={0,2})""",
        is_real=_is_named_secret,
    ),
    Sight(  # clients take what stands before the last @ for the password
        "secret",
        r"://[^\s/@:'\"<>]{0,100}:(?P<secret>[^\s/@'\"<>]{1,200}(?:@[^\s/@?#,'\"<>]{1,200}){0,3})@",
        needs="://",
    ),
)

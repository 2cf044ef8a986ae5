"""What providers, SDKs and HTTP clients call their errors, and the category of each: tables, and nothing else.

Sources: the error pages of the OpenAI, Anthropic, Azure OpenAI, Amazon Bedrock, Google Gemini, Z.ai and Moonshot AI
API references, and the exception classes of the SDKs, httpx, httpx2 and aiohttp. Every word is in lower case with
underscores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from firsttoken.call import Category

BAD_REQUEST, SERVER, UNKNOWN = Category.BAD_REQUEST, Category.SERVER, Category.UNKNOWN


def _by_word(**words: str) -> Mapping[str, Category]:
    return {word: Category(category) for category, listed in words.items() for word in listed.split()}


PRECISE_WORDS: Final = _by_word(
    context_length="""
        context_length_exceeded context_window_exceeded exceed_context_size_error request_too_large
        request_body_too_large_after_decoding string_above_max_length 1261
    """,
    quota="""
        insufficient_quota insufficient_balance insufficient_credits insufficient_funds billing_error
        billing_hard_limit_reached billing_not_active payment_required quota_exceeded exceeded_current_quota_error
        contract_spend_limit_reached enforced_spend_limit_reached linked_organization_spend_limit_reached
        linked_organization_billing_unavailable servicequotaexceededexception 1113
    """,
    rate_limit="""
        rate_limit_exceeded rate_limit_error rate_limit_reached_error rate_limited ramp_limit_exceeded
        too_many_requests throttlingexception resource_exhausted 1302 1303
    """,
    auth="""
        invalid_api_key authentication_error invalid_authentication_error unauthenticated unauthorized
        account_deactivated expired_api_key expiredtokenexception unrecognizedclientexception
        invalidsignatureexception
    """,
    permission="""
        permission_error permission_denied permission_denied_error access_denied accessdeniedexception forbidden
        unsupported_country_region_territory organization_on_hold
    """,
    not_found="""
        not_found_error not_found model_not_found deploymentnotfound resource_not_found_error
        resourcenotfoundexception
    """,
    overloaded="""
        overloaded_error overloaded engine_overloaded_error service_unavailable service_unavailable_error
        serviceunavailableexception modelnotreadyexception slow_down unavailable
    """,
    content_filter="""
        content_filter content_filter_error content_policy_violation responsibleaipolicyviolation
        image_content_policy_violation misalignment_policy_violation moderation_blocked bio_policy 1301
    """,
    timeout="""
        timeout_error request_timeout deadline_exceeded modeltimeoutexception vector_store_timeout
    """,
    cancelled="cancelled canceled response_cancelled request_cancelled",
)
"""Words that say it all, whatever the HTTP status. The four digits are those of Z.ai."""

BROAD_WORDS: Final = _by_word(
    bad_request="""
        invalid_request_error invalid_request bad_request bad_request_error badrequesterror invalid_argument
        failed_precondition unprocessable_entity_error validationexception invalid_prompt invalid_image
        invalid_image_format invalid_base64_image invalid_image_url image_too_large image_too_small image_parse_error
        image_file_too_large unsupported_image_media_type empty_image_file failed_to_download_image
        image_file_not_found
    """,
    server="""
        server_error api_error internal internal_error internal_server_error internalservererror
        internalserverexception modelerrorexception modelstreamerrorexception
    """,
)
"""Words that servers use for whatever they have no other word for: an HTTP status says more."""

STATUSES: Final[Mapping[int, Category]] = {
    401: Category.AUTH,
    402: Category.QUOTA,
    403: Category.PERMISSION,
    404: Category.NOT_FOUND,
    407: Category.AUTH,
    408: Category.TIMEOUT,
    413: Category.CONTEXT_LENGTH,
    429: Category.RATE_LIMIT,
    451: Category.PERMISSION,
    499: Category.CANCELLED,
    503: Category.OVERLOADED,
    504: Category.TIMEOUT,
    522: Category.TIMEOUT,
    524: Category.TIMEOUT,
    529: Category.OVERLOADED,
}
"""Any other below 500 is a bad request, and from there on a server's."""

CLASSES: Final[Mapping[str, Category]] = {
    "APITimeoutError": Category.TIMEOUT,
    "TimeoutException": Category.TIMEOUT,
    "TimeoutError": Category.TIMEOUT,
    "ServerTimeoutError": Category.TIMEOUT,
    "LLMTimeoutError": Category.TIMEOUT,
    "APIConnectionError": Category.CONNECTION,
    "WebSocketConnectionClosedError": Category.CONNECTION,
    "ConnectionClosed": Category.CONNECTION,
    "TransportError": Category.CONNECTION,
    "ClientConnectionError": Category.CONNECTION,
    "ClientPayloadError": Category.CONNECTION,
    "ConnectionError": Category.CONNECTION,
    "SSLError": Category.CONNECTION,
    "gaierror": Category.CONNECTION,
    "IncompleteRead": Category.CONNECTION,
    "OAuthError": Category.AUTH,
    "CredentialsError": Category.AUTH,
    "SubjectTokenProviderError": Category.AUTH,
    "LLMUnsupportedClientError": Category.BAD_REQUEST,
    "ContentFilterFinishReasonError": Category.CONTENT_FILTER,
    "APIResponseValidationError": SERVER,
    "JSONDecodeError": SERVER,
    "UnicodeDecodeError": SERVER,
    "CancelledError": Category.CANCELLED,
    "Cancelled": Category.CANCELLED,
    "GeneratorExit": Category.CANCELLED,
    "KeyboardInterrupt": Category.CANCELLED,
    "SystemExit": Category.CANCELLED,
}
"""By name, for the same class exists in httpx and in httpx2, and none is to be imported. The most derived counts."""

TIMEOUT_CLASSES: Final = frozenset(name for name, category in CLASSES.items() if category is Category.TIMEOUT)

CONNECTING_CLASSES: Final = frozenset(
    {
        "ClientConnectorError",
        "ConnectError",
        "ConnectTimeout",
        "ConnectionRefusedError",
        "ConnectionTimeoutError",
        "PoolTimeout",
        "ProxyError",
        "SSLError",
        "UnsupportedProtocol",
        "gaierror",
    }
)
"""Those of an error before a connection stood."""


class Phrase(NamedTuple):
    """What a message says where no code does, and the categories that it makes more precise."""

    category: Category
    text: str
    """A regular expression, for any case of letters. Compiled when an error first asks for it: few programs see one."""
    instead_of: frozenset[Category]


def _phrase(category: Category, instead_of: Iterable[Category], *texts: str) -> Phrase:
    return Phrase(category, "|".join(texts), frozenset(instead_of))


PHRASES: Final = (
    _phrase(
        Category.CONTEXT_LENGTH,
        (BAD_REQUEST, SERVER, UNKNOWN),
        r"context_length_exceeded",
        r"maximum context length",
        r"exceeds? (?:the |its |model(?:'s)? )*(?:maximum )?(?:context|input) (?:window|limit|length)",
        r"context window exceeds",
        r"prompt is too long",
        r"total text bytes",
        r"request_too_large",
        r"request exceeds the maximum size",
        r"input tokens exceed the configured limit",
        r"input token count .{0,40}exceeds",
        r"maximum allowed input length",
    ),
    _phrase(
        Category.QUOTA,
        (BAD_REQUEST, SERVER, UNKNOWN, Category.RATE_LIMIT, Category.PERMISSION),
        r"insufficient (?:credits?|balance|funds|quota)",
        r"requires more credits",
        r"add more credits",
        r"can only afford",
        r"credit balance is too low",
        r"exceeded your current quota",
        r"exceeded your budget",
        r"billing.{0,20}hard limit",
    ),
    _phrase(
        Category.CONTENT_FILTER,
        (BAD_REQUEST, UNKNOWN, Category.PERMISSION),
        r"blocked by content filtering policy",
        r"content management policy",
        r"your input was flagged",
    ),
    _phrase(SERVER, (Category.OVERLOADED,), r"upstream connect error", r"overflow"),
    _phrase(Category.OVERLOADED, (SERVER, UNKNOWN), r"overloaded", r"over capacity"),
    _phrase(
        Category.AUTH,
        (UNKNOWN,),
        r"could not resolve (?:authentication method|aws credentials|api token|a gcp access token)",
        r"missing credentials",
    ),
    _phrase(
        BAD_REQUEST,
        (UNKNOWN,),
        r"streaming is (?:required|strongly recommended)",
        r"missing required arguments?",
        r"unexpected keyword argument",
        r"the client has been closed",
    ),
)
"""The last resort, in this order. A message is prose, so it never overrules a code."""

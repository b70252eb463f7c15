"""Acts of the room `access`: who asks, who is who, and what was done."""

from channel.access.queries import KeptAnswer
from channel.access.service.company import chosen_currency, company_currency, fix_company_currency
from channel.access.service.company_clock import begin_clock, set_clock
from channel.access.service.door import hash_token, person_behind, person_of_session, person_of_token, scope_of
from channel.access.service.idempotency import KEY_HEADER, LONGEST_ANSWER, Keyed
from channel.access.service.one_at_a_time import one_at_a_time
from channel.access.service.people import (
    add_person,
    change_me,
    change_person,
    failed_sign_ins,
    keep_locale,
    keep_messages,
    oneself,
    person_named,
)
from channel.access.service.signing import (
    SignedOut,
    change_own_password,
    forget_old,
    own_sessions,
    revoke_own_session,
    set_password,
    sign_in,
    sign_in_for_token,
    sign_out,
    sign_out_elsewhere,
    sign_out_person,
)
from channel.access.service.tokens import NewToken, add_machine_token, add_own_token, revoke_token, tokens
from channel.access.service.trail import audit, audit_each, audit_lines, open_posting

__all__ = [
    "KEY_HEADER",
    "LONGEST_ANSWER",
    "KeptAnswer",
    "Keyed",
    "NewToken",
    "SignedOut",
    "add_machine_token",
    "add_own_token",
    "add_person",
    "audit",
    "audit_each",
    "audit_lines",
    "begin_clock",
    "change_me",
    "change_own_password",
    "change_person",
    "chosen_currency",
    "company_currency",
    "failed_sign_ins",
    "fix_company_currency",
    "forget_old",
    "hash_token",
    "keep_locale",
    "keep_messages",
    "one_at_a_time",
    "oneself",
    "open_posting",
    "own_sessions",
    "person_behind",
    "person_named",
    "person_of_session",
    "person_of_token",
    "revoke_own_session",
    "revoke_token",
    "scope_of",
    "set_clock",
    "set_password",
    "sign_in",
    "sign_in_for_token",
    "sign_out",
    "sign_out_elsewhere",
    "sign_out_person",
    "tokens",
]

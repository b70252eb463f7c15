"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import JSONB, Array, BigInt, BigSerial, Boolean, Date, Integer, Numeric, Text, Timestamptz


class DocumentPosting(Table):
    """A posting that brought documents of a dealer."""

    KEY = ("dealer_id", "posting_id")
    dealer_id = BigInt(primary_key=True)
    posting_id = BigInt()


class ReceivableDocument(Table):
    """A document as it was posted."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    kind = Text()
    number = Text()
    number_key = Text()
    currency = Text()
    amount = Numeric(digits=(18, 4))
    tax = Numeric.or_none(digits=(18, 4))
    effective_on = Date()
    refs = Array(base_column=Text())
    remark = Text.or_none()
    discount_rate = Numeric.or_none(digits=(9, 8))
    discount_until = Date.or_none()
    matures_on = Date.or_none()
    value_on = Date.or_none()
    payer_account = Text.or_none()
    stays_on_account = Boolean()
    live = Boolean()
    posting_id = BigInt()


class DocumentLine(Table):
    """What a document is about, by product line."""

    KEY = ("dealer_id", "document_id", "place")
    dealer_id = BigInt(primary_key=True)
    document_id = BigInt()
    place = Integer()
    line_id = BigInt()
    amount = Numeric(digits=(18, 4))


class ReceivableItem(Table):
    """An instalment of what is owed, or at place 0 the money of what pays."""

    KEY = ("dealer_id", "document_id", "instalment")
    dealer_id = BigInt(primary_key=True)
    document_id = BigInt()
    instalment = Integer()
    currency = Text()
    due_on = Date.or_none()
    effective_on = Date()
    amount = Numeric(digits=(18, 4))
    touched_on = Date.or_none()
    settled_on = Date.or_none()
    settled_by = BigInt.or_none()
    posting_id = BigInt()


class OpenItem(Table):
    """What of an item is open, or of money on account, by everything posted."""

    KEY = ("dealer_id", "document_id", "instalment")
    dealer_id = BigInt(primary_key=True)
    document_id = BigInt()
    instalment = Integer()
    currency = Text()
    due_on = Date.or_none()
    effective_on = Date()
    amount = Numeric(digits=(18, 4))
    brought = Numeric(digits=(18, 4))
    touched_on = Date.or_none()
    moved_on = Date()
    moved_by = BigInt()
    posting_id = BigInt()


class DocumentReversal(Table):
    """A document reversed whole from a day on."""

    KEY = ("dealer_id", "document_id")
    dealer_id = BigInt(primary_key=True)
    document_id = BigInt()
    effective_on = Date()
    reason = Text()
    posting_id = BigInt()


class Allocation(Table):
    """So much of an item settled from a day on."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    money_id = BigInt()
    document_id = BigInt()
    instalment = Integer()
    amount = Numeric(digits=(18, 4))
    effective_on = Date()
    settles = Text()
    why = Text()
    reason = Text.or_none()
    posting_id = BigInt()


class AllocationEnd(Table):
    """An allocation taken back from a day on."""

    KEY = ("dealer_id", "allocation_id", "id")
    dealer_id = BigInt()
    allocation_id = BigInt()
    id = BigSerial(primary_key=True)
    effective_on = Date()
    moved_from = Date.or_none()
    reason = Text.or_none()
    posting_id = BigInt()


class DealerAccount(Table):
    """A dealer's account row, which whoever moves anything in it locks first."""

    dealer_id = BigInt(primary_key=True)
    acts = BigInt()


class AccountBalance(Table):
    """What of a dealer is open and on account, by currency."""

    KEY = ("dealer_id", "currency")
    dealer_id = BigInt(primary_key=True)
    currency = Text()
    open = Numeric(digits=(24, 4))
    on_account = Numeric(digits=(24, 4))


class AccountBill(Table):
    """What of a dealer's bills matures on a day, by currency."""

    KEY = ("dealer_id", "currency", "matures_on")
    dealer_id = BigInt(primary_key=True)
    currency = Text()
    matures_on = Date()
    amount = Numeric(digits=(24, 4))


class MonthClosing(Table):
    """A month closed, or opened again."""

    id = BigSerial(primary_key=True)
    month = Date()
    closed = Boolean()
    reason = Text()
    posting_id = BigInt()


class WaitingAct(Table):
    """An act on a dealer's account that waits for a second person, under the number of its request."""

    KEY = ("dealer_id", "request_id")
    dealer_id = BigInt(primary_key=True)
    request_id = BigInt()
    act = Text()
    target = BigInt()
    body = JSONB()
    others = Array(base_column=BigInt())


class UnknownMoney(Table):
    """A bank line without a dealer."""

    id = BigSerial(primary_key=True)
    number = Text()
    number_key = Text()
    currency = Text()
    amount = Numeric(digits=(18, 4))
    booked_on = Date()
    remark = Text()
    payer_account = Text.or_none()
    posting_id = BigInt()
    ended_by = BigInt.or_none()


class MoneyAssigned(Table):
    """The receipt that unknown money became."""

    KEY = ("dealer_id", "document_id")
    dealer_id = BigInt(primary_key=True)
    document_id = BigInt()
    money_id = BigInt()


class NumberSeries(Table):
    """The last number given in a series without gaps."""

    KEY = ("series",)
    series = Text(primary_key=True)
    last = BigInt()


class StatementRun(Table):
    """Statements of account that are given in one run."""

    id = BigSerial(primary_key=True)
    from_on = Date()
    as_of = Date()
    known_at = Timestamptz()
    territory = Text.or_none()
    type = Text.or_none()
    asked_by = Text()
    person_id = BigInt.or_none()
    by_token_id = BigInt.or_none()
    by_session_id = BigInt.or_none()
    ended_at = Timestamptz.or_none()
    problem = JSONB(null=True)
    posting_id = BigInt()


class StatementRunAccount(Table):
    """An account of which a run gives a statement."""

    KEY = ("dealer_id", "run_id", "currency")
    dealer_id = BigInt(primary_key=True)
    run_id = BigInt()
    currency = Text()


class AccountStatement(Table):
    """A statement of account as it was given."""

    KEY = ("dealer_id", "number")
    dealer_id = BigInt(primary_key=True)
    number = BigInt()
    currency = Text()
    from_on = Date()
    as_of = Date()
    known_at = Timestamptz()
    opening = Numeric(digits=(24, 4))
    closing = Numeric(digits=(24, 4))
    content = Text()
    sheet = Text()
    checksum = Text()
    run_id = BigInt.or_none()
    posting_id = BigInt()


class DisputeReason(Table):
    """Why something is contested: a closed list."""

    KEY = ("code",)
    code = Text(primary_key=True)
    place = Integer()
    name = Text()


class Dispute(Table):
    """So much of a document contested from a day on."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    document_id = BigInt()
    amount = Numeric(digits=(18, 4))
    reason = Text()
    effective_on = Date()
    remark = Text.or_none()
    posting_id = BigInt()


class DisputeOwner(Table):
    """Who answers for a dispute from then on, and until which day."""

    KEY = ("dealer_id", "dispute_id", "id")
    dealer_id = BigInt()
    dispute_id = BigInt()
    id = BigSerial(primary_key=True)
    owner_id = BigInt()
    due_on = Date()
    reason = Text.or_none()
    posting_id = BigInt()


class DisputeEnd(Table):
    """How a dispute ended."""

    KEY = ("dealer_id", "dispute_id")
    dealer_id = BigInt(primary_key=True)
    dispute_id = BigInt()
    effective_on = Date()
    outcome = Text()
    credit_note_id = BigInt.or_none()
    reason = Text()
    posting_id = BigInt()


class Promise(Table):
    """What a dealer promised to pay."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    currency = Text()
    given_on = Date()
    promised_by = Text()
    remark = Text.or_none()
    grace_days = Integer()
    share = Numeric(digits=(9, 8))
    posting_id = BigInt()


class PromiseInstalment(Table):
    """What of a promise is for a day."""

    KEY = ("dealer_id", "promise_id", "place")
    dealer_id = BigInt(primary_key=True)
    promise_id = BigInt()
    place = Integer()
    due_on = Date()
    judged_from = Date()
    amount = Numeric(digits=(18, 4))
    promised = Numeric(digits=(24, 4))
    ended_by = BigInt.or_none()


class PromiseJudgement(Table):
    """What an instalment was judged to have come to."""

    KEY = ("dealer_id", "promise_id", "place")
    dealer_id = BigInt(primary_key=True)
    promise_id = BigInt()
    place = Integer()
    judged_on = Date()
    kept = Boolean()
    came = Numeric(digits=(24, 4))
    posting_id = BigInt()


class PromiseCancellation(Table):
    """What of a promise was open was cancelled."""

    KEY = ("dealer_id", "promise_id")
    dealer_id = BigInt(primary_key=True)
    promise_id = BigInt()
    cancelled_on = Date()
    reason = Text()
    posting_id = BigInt()


class CreditIncident(Table):
    """Something that speaks against a dealer's credit, and what it was."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    kind = Text()
    incident_on = Date()
    promise_id = BigInt.or_none()
    place = Integer.or_none()
    document_id = BigInt.or_none()
    hold_posting_id = BigInt.or_none()
    posting_id = BigInt()


class ContactEntry(Table):
    """A contact with a dealer as it took place."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    kind = Text()
    outcome = Text()
    took_place_on = Date()
    at_time = Text.or_none()
    contact_id = BigInt.or_none()
    with_whom = Text.or_none()
    said = Text.or_none()
    next_step = Text.or_none()
    next_on = Date.or_none()
    supersedes_id = BigInt.or_none()
    reason = Text.or_none()
    posting_id = BigInt()


class CallClaim(Table):
    """Who is calling a dealer just now."""

    KEY = ("dealer_id",)
    dealer_id = BigInt(primary_key=True)
    owner = Text()
    name = Text()
    claimed_at = Timestamptz()
    until = Timestamptz()

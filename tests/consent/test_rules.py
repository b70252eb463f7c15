"""Who may give a word on a request, and how many it lacks."""

from hypothesis import given
from hypothesis import strategies as st

from channel.consent.rules import Needs, Row, approvals_missing, is_last, mark_of, refused_word
from channel.errors import m


def _row(**told: object) -> Row:
    return {"proposer_id": 1, "author_ids": [], "approver_ids": [], **told}


def test_nobody_approves_what_he_proposed_and_approvers_differ() -> None:
    assert str(refused_word(_row(), 1)) == "Nobody approves what he proposed."
    assert refused_word(_row(), 2) is None
    assert "another person" in str(refused_word(_row(approver_ids=[2]), 2))
    assert refused_word(_row(approver_ids=[2]), 3) is None
    assert "authors" in str(refused_word(_row(author_ids=[3]), 3))


def test_what_a_machine_did_is_nobodys_own() -> None:
    assert refused_word(_row(proposer_id=None), 1) is None
    assert is_last(_row(proposer_id=None), Needs(1, m("one")), 1)


@given(st.integers(1, 4), st.integers(1, 5), st.lists(st.integers(1, 5)))
def test_only_different_people_other_than_the_proposer_count(needed: int, proposer: int, approvers: list[int]) -> None:
    missing = approvals_missing(needed, proposer, approvers)
    counted = len([person for person in range(1, 6) if person in approvers and person != proposer])
    assert missing == max(0, needed - counted)
    assert approvals_missing(needed, proposer, approvers + approvers) == missing


def test_a_mark_is_of_exactly_what_was_looked_at() -> None:
    assert mark_of([(1, 0, 2), (2, 1, 2)]) == mark_of([(2, 1, 2), (1, 0, 2)])
    assert len({mark_of(each) for each in ([(1, 0, 2)], [(1, 1, 2)], [(1, 0, 1)], [(2, 0, 2)], [])}) == 5

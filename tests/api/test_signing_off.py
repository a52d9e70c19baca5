"""Does a draft count only once everybody whom the policy names has read it and agreed?"""

from __future__ import annotations

from typing import Any

import pytest

from service.councils.model import ROLES, scopes_of
from service.errors import Conflict
from service.policy import signing
from service.policy.life import ROLE_WORDS, SECOND_PERSONS, Author
from service.policy.model import SIGNING_ROLES
from tests.api.test_policy_life import drafted, events_of, text, tried
from tests.stage import Council, Stage, refused, told

RULE = """
sign_off:
  clause: "E9"
  sentence: "A budget holder and {co_producers} people read every change first."
  by: [budget_holder]
  co_producers: 2
"""


def asking(**more: str) -> str:
    """As `text`, and it asks for a budget holder and two co-producers."""
    return text(**more).replace("\nexamples:", f"{RULE}\nexamples:")


def says(council: Council, person_id: str, draft: dict[str, Any], *, agrees: bool, words: str = "") -> None:
    """A person answers on their own page."""
    stage = council.stage
    with stage.hands.db.council(council.id) as session:
        signing.answer(
            session,
            council_id=council.id,
            policy_id=draft["id"],
            signer=Author("person", person_id),
            agrees=agrees,
            words=words,
            now=stage.clock(),
        )


def state(council: Council, draft: dict[str, Any]) -> str:
    found: str = told(council.lead.get(f"policies/{draft['id']}"))["state"]
    return found


def missing(council: Council, draft: dict[str, Any]) -> list[str]:
    found: list[str] = told(council.lead.get(f"policies/{draft['id']}/sign_offs"))["missing"]
    return found


def test_the_people_whom_a_policy_names_agree_before_it_counts(stage: Stage) -> None:
    council = stage.council()
    owner, budget = council.key("policy_owner"), council.key("budget_holder")
    draft = drafted(council, asking())
    (sentence,) = [one["sentence"] for one in draft["changes"] if one["path"] == ["sign_off"]]
    assert sentence == (
        "From 1 April 2025 there is something new: The rule about who must agree to a change of the policy"
        ' (clause E9). "A budget holder and 2 people read every change first." Who on the staff must agree'
        " budget holder, how many co-producers must agree 2."
    )
    tried(council, draft)
    path = f"policies/{draft['id']}"
    jo, wei = (council.person(name, account=None) for name in ("Jo", "Wei"))
    asked = told(council.lead.post(f"{path}/sign_offs", {"people": [jo, wei]}), 201)
    told(council.lead.post(f"{path}/sign_offs", {"people": [wei]}), 201)
    assert [(row["kind"], row["who"], row["agrees"]) for row in asked["data"]] == [
        ("person", jo, None),
        ("person", wei, None),
    ]
    stage.drain()
    asks = ["Would you read this? Our rules for paying people may change"]
    assert (council.messages(jo), council.messages(wei)) == (asks, asks)
    problem = refused(owner.post(f"{path}/publish", {}), 409)
    assert problem["title"] == "Not everybody has agreed to this draft yet"
    assert problem["detail"] == (
        "A budget holder has not agreed yet. 2 people who are paid by this policy must still agree. "
        f"Asked and not answered yet: {jo}, {wei}."
    )
    told(budget.post(f"{path}/sign_offs/answers", {"agrees": True, "words": "It fits the budget."}))
    says(council, jo, draft, agrees=True)
    assert missing(council, draft) == [
        f"1 person who is paid by this policy must still agree. Asked and not answered yet: {wei}."
    ]
    refused(owner.post(f"{path}/publish", {}), 409)
    assert state(council, draft) == "simulated"
    says(council, wei, draft, agrees=True, words="Good.")
    assert (missing(council, draft), state(council, draft)) == ([], "signed_off")
    assert told(council.lead.post(f"{path}/publish", {}))["state"] == "published"
    rows = told(council.lead.get(f"{path}/sign_offs"))
    assert [(row["who"], row["agrees"], row["words"]) for row in rows["data"] if row["kind"] == "person"] == [
        (jo, True, ""),
        (wei, True, "Good."),
    ]
    assert {row["hash"] for row in rows["data"]} == {draft["hash"]}
    names = [name for name in events_of(stage) if "sign" in name]
    assert names == ["policy.sign_off_asked"] * 2 + ["policy.signed_off"] * 3
    refused(budget.post(f"{path}/sign_offs/answers", {"agrees": False}), 409)


def test_a_no_is_kept_with_its_words_and_the_next_draft_is_free_of_it(stage: Stage) -> None:
    council = stage.council()
    owner = council.key("policy_owner")
    draft = drafted(council)
    tried(council, draft)
    jo = council.person("Jo")
    told(council.lead.post(f"policies/{draft['id']}/sign_offs", {"people": [jo]}), 201)
    says(council, jo, draft, agrees=False, words="It is less than I spend.")
    assert (
        refused(owner.post(f"policies/{draft['id']}/publish", {}), 409)["detail"] == f"{jo} does not agree."
    )
    (row,) = told(council.lead.get(f"policies/{draft['id']}/sign_offs"))["data"]
    assert (row["agrees"], row["words"]) == (False, "It is less than I spend.")
    assert told(council.lead.get("policies/in_force"))["version"] == "1.0"
    with stage.admin() as line:
        found = line.execute("SELECT refs::text || coalesce(text_digest, '') FROM events").fetchall()
    assert not any("less than I spend" in row for (row,) in found)
    better = drafted(council, text(version="1.2"))
    tried(council, better)
    assert told(owner.post(f"policies/{better['id']}/publish", {}))["state"] == "published"
    with pytest.raises(Conflict):
        says(council, jo, better, agrees=True)


def test_a_second_person_signs_and_then_the_author_may_publish(stage: Stage) -> None:
    council = stage.council()
    draft = drafted(council)
    path = f"policies/{draft['id']}"
    approver, owner = council.key("approver"), council.key("policy_owner")
    jo = council.person("Jo", account=None)
    before = stage.picture()
    refused(owner.post(f"{path}/sign_offs/answers", {"agrees": True}), 409)
    refused(council.lead.post(f"{path}/sign_offs", {"people": [jo]}), 409)
    assert stage.picture() == before
    tried(council, draft)
    before = stage.picture()
    assert refused(council.lead.post(f"{path}/sign_offs/answers", {"agrees": True}), 403)["detail"] == (
        "You wrote this draft. Somebody else must read the changes and agree."
    )
    refused(approver.post(f"{path}/sign_offs/answers", {"agrees": True}), 403)
    refused(council.finance.post(f"{path}/sign_offs/answers", {"agrees": True}), 403)
    refused(approver.post(f"{path}/sign_offs", {"people": ["per_1"]}), 403)
    refused(council.lead.post(f"{path}/sign_offs", {"people": ["per_1"]}), 422, "/people/0")
    refused(council.lead.post(f"{path}/publish", {}), 403)
    assert stage.picture() == before
    told(owner.post(f"{path}/sign_offs/answers", {"agrees": True}))
    assert state(council, draft) == "signed_off"
    assert told(council.lead.post(f"{path}/publish", {}))["state"] == "published"


def test_a_draft_cannot_let_itself_off_what_the_policy_in_force_asks_for(stage: Stage) -> None:
    council = stage.council()
    owner = council.key("policy_owner", "budget_holder")
    first = drafted(council, asking())
    tried(council, first)
    people = [council.person(name, account=None) for name in ("Jo", "Wei")]
    told(council.lead.post(f"policies/{first['id']}/sign_offs", {"people": people}), 201)
    for one in people:
        says(council, one, first, agrees=True)
    told(owner.post(f"policies/{first['id']}/publish", {}))
    second = drafted(council, text(version="1.2"))
    tried(council, second)
    problem = refused(owner.post(f"policies/{second['id']}/publish", {}), 409)
    assert problem["detail"] == (
        "2 people who are paid by this policy must still agree. Nobody else has been asked."
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("co_producers: 2", "co_producers: 21", "21 co-producers are too many to ask."),
        ("co_producers: 2", "co_producers: some", '"co_producers" of "sign_off" is not a whole number.'),
        ("by: [budget_holder]", "by: [mayor]", "There is no role of the staff called 'mayor'."),
        ('clause: "E9"', "when: always", '"sign_off" has no clause.'),
        (RULE, "\nsign_off: yes\n", "'sign_off' holds no rule."),
        (
            RULE,
            '\nsign_off: {clause: "E9", sentence: We ask.}\n',
            "The rule does not say who agrees.",
        ),
    ],
)
def test_the_checker_finds_what_is_wrong_with_a_sign_off(stage: Stage, old: str, new: str, what: str) -> None:
    council = stage.council()
    given = asking()
    assert old in given
    assert what in [fault["what"] for fault in drafted(council, given.replace(old, new))["faults"]]


def test_every_role_that_may_be_named_is_one_of_the_staff() -> None:
    assert set(SIGNING_ROLES) <= set(ROLES)
    assert set(ROLE_WORDS) == set(SIGNING_ROLES)
    assert set(SECOND_PERSONS) == {role for role in ROLES if "policies:write" in scopes_of((role,))}

"""Which pictures are there, and what do they show? Drawn for this service, with words for who cannot see."""

from __future__ import annotations

import re

# Name of the file under static/pictures/ → what it shows, in English and in Welsh.
PICTURES: dict[str, tuple[str, str]] = {
    "bank": ("A bank", "Banc"),
    "bus": ("A bus", "Bws"),
    "calendar": ("A calendar", "Calendr"),
    "car": ("A car", "Car"),
    "clock": ("A clock", "Cloc"),
    "coins": ("A few coins", "Ychydig o ddarnau arian"),
    "computer": ("A computer", "Cyfrifiadur"),
    "group": ("Three people together", "Tri pherson gyda'i gilydd"),
    "heart": ("A hand with a heart", "Llaw gyda chalon"),
    "helper": ("Two people, one helps the other", "Dau berson, un yn helpu'r llall"),
    "letter": ("A letter", "Llythyr"),
    "meal": ("A plate with a knife and fork", "Plât gyda chyllell a fforc"),
    "money": ("A bank note and a coin", "Papur arian a darn arian"),
    "no": ("A red cross: no", "Croes goch: na"),
    "person": ("A person", "Person"),
    "phone": ("A phone", "Ffôn"),
    "place": ("A pin on a map", "Pin ar fap"),
    "printer": ("A printer", "Argraffydd"),
    "question": ("A question mark", "Marc cwestiwn"),
    "receipt": ("A receipt", "Derbynneb"),
    "rules": ("A page with rules", "Tudalen gyda rheolau"),
    "voucher": ("A voucher", "Taleb"),
    "yes": ("A green tick: yes", "Tic gwyrdd: ie"),
}

# What a sentence speaks of → its picture; the first that fits counts. Both languages stand in one pattern.
_BY_WORDS: tuple[tuple[str, str], ...] = (
    (r"\b(not paid|cannot pay|nothing is due|heb ei dalu|nid oes dim)", "no"),
    (
        r"\b(person|somebody|rhywun) (needs|must|will|yma|yn)|\bangen i berson|\bbydd person|is asked",
        "person",
    ),
    (r"\b(receipts?|tickets?|dd?erbynneb(au)?|[td]ocyn(nau)?)\b", "receipt"),
    (r"\b(car|miles?|mileage|milltir|filltir)\b", "car"),
    (r"\b(bus|tram|train|taxi|fare|travel|bws|trên|tacsi)\b", "bus"),
    (r"\b(meal|food|lunch|bwyd)\b", "meal"),
    (r"\b(advice|cyngor eich hun|gyngor)\b", "helper"),
    (r"\b(income|incwm)\b", "money"),
    (r"\b(vouchers?|taleb)\b", "voucher"),
    (r"\b(charity|elusen)\b", "heart"),
    (r"\b(phone|data|broadband|online|computer|ar-lein)\b", "computer"),
    (r"\b(rules?|policy|polisi|rh?eol(au)?)\b", "rules"),
    (r"\b(support|helper|carer|care)\b", "helper"),
    (
        r"\b(by|on|within|before|erbyn|cyn|fewn)\b.*\b(\d{4}|days?|weeks?|dd?ydd|dd?iwrnod|wythnos)\b",
        "calendar",
    ),
    (r"£|\d+p\b|\b(pay|paid|money|benefits?|[td]alu|arian|budd-dal|budd-daliadau)\b", "money"),
    (r"\b(hours?|minutes?|time|awr|munud|amser)\b", "clock"),
    (r"\?", "question"),
)


def picture_for(sentence: str) -> str:
    """The picture that goes with a sentence that we did not write ourselves."""
    found = (name for pattern, name in _BY_WORDS if re.search(pattern, sentence, re.IGNORECASE))
    return next(found, "letter")


def says(name: str, *, words: str) -> str:
    """What a picture shows, for who cannot see it."""
    english, welsh = PICTURES[name]
    return welsh if words == "cy" else english

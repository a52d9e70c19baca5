"""What are our own words in Welsh and in Easy Read? The frame around a policy's sentences, and their figures.

DRAFTS. A fluent reader has yet to review the Welsh, and an Easy Read group the Easy Read. Each row has the
plain words, then Welsh, then Easy Read; an empty Easy Read means that the plain words are easy as they stand.
`{0}`, `{1}`, … are figures. `{text}` is the policy's own text, which is not translated here.
"""

from __future__ import annotations

FRAME: dict[str, dict[str, str]] = {
    "total both": {
        "plain": "This comes to {total}: {fee} for your time and {costs} for your costs.",
        "cy": "Mae hyn yn dod i {total}: {fee} am eich amser a {costs} am eich costau.",
        "easy": "You get {total}. {fee} is for your time. {costs} is for your costs.",
    },
    "total fee": {
        "plain": "This comes to {fee} for your time.",
        "cy": "Mae hyn yn dod i {fee} am eich amser.",
        "easy": "You get {fee} for your time.",
    },
    "total costs": {
        "plain": "This comes to {costs} for your costs.",
        "cy": "Mae hyn yn dod i {costs} am eich costau.",
        "easy": "You get {costs} for your costs.",
    },
    "part both": {
        "plain": "A person needs to look at part of this. "
        "The part we are sure of is {total}: {fee} for your time and {costs} for your costs.",
        "cy": "Mae angen i berson edrych ar ran o hyn. "
        "Y rhan yr ydym yn siŵr ohoni yw {total}: {fee} am eich amser a {costs} am eich costau.",
        "easy": "A person needs to check part of this. We are sure of {total}. "
        "{fee} is for your time. {costs} is for your costs.",
    },
    "part fee": {
        "plain": "A person needs to look at part of this. The part we are sure of is {fee} for your time.",
        "cy": "Mae angen i berson edrych ar ran o hyn. Y rhan yr ydym yn siŵr ohoni yw {fee} am eich amser.",
        "easy": "A person needs to check part of this. We are sure of {fee} for your time.",
    },
    "part costs": {
        "plain": "A person needs to look at part of this. The part we are sure of is {costs} for your costs.",
        "cy": "Mae angen i berson edrych ar ran o hyn. "
        "Y rhan yr ydym yn siŵr ohoni yw {costs} am eich costau.",
        "easy": "A person needs to check part of this. We are sure of {costs} for your costs.",
    },
    "needs a person": {
        "plain": "A person needs to look at this before we can say what is paid.",
        "cy": "Mae angen i berson edrych ar hyn cyn y gallwn ddweud beth sy'n cael ei dalu.",
        "easy": "A person needs to check this first. Then we can say what is paid.",
    },
    "nothing": {
        "plain": "Nothing is due for this. The reasons are below.",
        "cy": "Nid oes dim i'w dalu am hyn. Mae'r rhesymau isod.",
        "easy": "We cannot pay for this. We say why below.",
    },
    "person decides": {
        "plain": "a person will decide",
        "cy": "bydd person yn penderfynu",
        "easy": "a person will decide",
    },
    "not paid": {"plain": "not paid", "cy": "heb ei dalu", "easy": "not paid"},
    "part of": {
        "plain": "{paid} of the {asked} asked for",
        "cy": "{paid} o'r {asked} y gofynnwyd amdano",
        "easy": "{paid}. You asked for {asked}",
    },
    "rule": {"plain": "(Rule {clause}.)", "cy": "(Rheol {clause}.)", "easy": "(Rule {clause}.)"},
    "help": {
        "plain": "What would help: {text}",
        "cy": "Beth fyddai'n helpu: {text}",
        "easy": "What would help: {text}",
    },
}

# Said once, when something had to stay in plain English: in the form's own language, and in plain.
FELL_BACK: dict[str, tuple[str, ...]] = {
    "cy": (
        "Nid oes geiriau Cymraeg ar gyfer pob rhan o hyn eto. Mae'r rhannau hynny yn Saesneg.",
        "Some parts of this have no Welsh words yet. Those parts are in plain English.",
    ),
    "easy": ("Some parts of this are not in Easy Read yet. Those parts are in plain English.",),
}

UNITS_CY = {
    "hour": "awr",
    "minute": "munud",
    "mile": "milltir",
    "night": "noson",
    "working day": "diwrnod gwaith",
    "day": "diwrnod",
    "week": "wythnos",
    "month": "mis",
    "year": "blwyddyn",
    "person": "person",
    "people": "o bobl",
    "time": "gwaith",
    "item": "eitem",
}
MONTHS_CY = {
    "January": "Ionawr",
    "February": "Chwefror",
    "March": "Mawrth",
    "April": "Ebrill",
    "May": "Mai",
    "June": "Mehefin",
    "July": "Gorffennaf",
    "August": "Awst",
    "September": "Medi",
    "October": "Hydref",
    "November": "Tachwedd",
    "December": "Rhagfyr",
}
WORDS_CY = {
    "an amount not yet decided": "swm heb ei benderfynu eto",
    "(to be confirmed)": "(i'w gadarnhau)",
    "nothing": "dim byd",
}

# The sentences that the engine itself says behind a rule's sentence: plain, Welsh, Easy Read.
WORKINGS: tuple[tuple[str, str, str], ...] = (
    ("{0} at {1} an hour is {2}.", "Mae {0} ar {1} yr awr yn {2}.", ""),
    ("{0} at {1} a mile is {2}.", "Mae {0} ar {1} y filltir yn {2}.", ""),
    ("{0} at {1} is {2}.", "Mae {0} ar {1} yn {2}.", ""),
    ("{0} at {1} an hour.", "{0} ar {1} yr awr.", ""),
    ("{0} at {1} a mile.", "{0} ar {1} y filltir.", ""),
    ("Together that is {0}.", "Gyda'i gilydd mae hynny'n {0}.", ""),
    ("Together it was {0}, so it is {1}.", "Gyda'i gilydd roedd yn {0}, felly mae'n {1}.", ""),
    (
        "With {0} sharing the car, it is {1} a mile.",
        "Gyda {0} yn rhannu'r car, mae'n {1} y filltir.",
        "{0} shared the car. So it is {1} a mile.",
    ),
    ("The cost was {0}.", "Y gost oedd {0}.", ""),
    (
        "The cost was {0}, and the most we can pay is {1}.",
        "Y gost oedd {0}, a'r mwyaf y gallwn ei dalu yw {1}.",
        "The cost was {0}. The most we can pay is {1}.",
    ),
    ("The cost will be about {0}.", "Bydd y gost tua {0}.", ""),
    (
        "The cost will be about {0}, and the most we can pay is {1}.",
        "Bydd y gost tua {0}, a'r mwyaf y gallwn ei dalu yw {1}.",
        "The cost will be about {0}. The most we can pay is {1}.",
    ),
    ("We promise to pay this before the day.", "Rydym yn addo talu hyn cyn y diwrnod.", ""),
    ("The day is too near for us to promise this.", "Mae'r diwrnod yn rhy agos i ni addo hyn.", ""),
    ("It may not come in time.", "Efallai na ddaw mewn pryd.", ""),
    ("For {0} that is up to {1}.", "Am {0} mae hynny hyd at {1}.", ""),
    ("For {0} that is {1}.", "Am {0} mae hynny'n {1}.", ""),
    ("You were away for {0}.", "Roeddech i ffwrdd am {0}.", ""),
    ("That adds {0}.", "Mae hynny'n ychwanegu {0}.", ""),
    (
        "It was planned for {0}, and it was {1}.",
        "Y bwriad oedd {0}, ac fe barodd {1}.",
        "The plan was {0}. It took {1}.",
    ),
    ("{0} counts as this, so it is {1}.", "Mae {0} yn cyfrif fel hyn, felly mae'n {1}.", ""),
    ("{0} counts as {text}, so it is {1}.", "Mae {0} yn cyfrif fel {text}, felly mae'n {1}.", ""),
    ("For {text} it is {0}.", "Am {text} mae'n {0}.", ""),
    ("It is {0} for the whole request.", "Mae'n {0} am y cais cyfan.", ""),
    ("{0} makes {1} at {2}, which is {3}.", "Mae {0} yn gwneud {1} ar {2}, sef {3}.", ""),
    ("{0} is longer than {1}, so it is {2}.", "Mae {0} yn hirach na {1}, felly mae'n {2}.", ""),
    ("The sum set for this is {0}.", "Y swm a bennwyd am hyn yw {0}.", ""),
    ("The sum set for this is {0} an hour.", "Y swm a bennwyd am hyn yw {0} yr awr.", ""),
    ("The sum set for this is {0} a day.", "Y swm a bennwyd am hyn yw {0} y diwrnod.", ""),
    ("The sum set for this is {0} each.", "Y swm a bennwyd am hyn yw {0} yr un.", ""),
    ("That comes to {0}.", "Mae hynny'n dod i {0}.", ""),
    ("It comes to {0}.", "Mae'n dod i {0}.", ""),
    (
        "With {0} of notice, {1} of {2} is {3}.",
        "Gyda {0} o rybudd, mae {1} o {2} yn {3}.",
        "You had {0} of notice. {1} of {2} is {3}.",
    ),
    ("The last day was {0}.", "Y diwrnod olaf oedd {0}.", ""),
    ("Nothing is due before {0}.", "Nid oes dim i'w dalu cyn {0}.", ""),
    ("That is by {0}.", "Mae hynny erbyn {0}.", ""),
    ("You chose to take {0} of {1}.", "Dewisoch gymryd {0} o {1}.", ""),
    ("You chose to take nothing of {0}.", "Dewisoch gymryd dim o {0}.", ""),
    (
        "You chose to have this fee in two parts.",
        "Dewisoch gael y ffi hon mewn dwy ran.",
        "You chose to have this money in two parts.",
    ),
    ("This is the first part: {0}.", "Dyma'r rhan gyntaf: {0}.", ""),
    ("This is the later part: {0}.", "Dyma'r rhan ddiweddarach: {0}.", ""),
    ("The other part is {0}.", "Y rhan arall yw {0}.", ""),
    ("This was your own choice.", "Eich dewis chi oedd hyn.", ""),
    ("This one is {0}.", "Mae hwn yn {0}.", ""),
    ("A person must settle the others first.", "Rhaid i berson setlo'r lleill yn gyntaf.", ""),
    (
        "You asked for the fee to go to someone else.",
        "Gofynnoch i'r ffi fynd i rywun arall.",
        "",
    ),
    ("We still need to know this: {text}.", "Mae angen i ni wybod hyn o hyd: {text}.", ""),
    ("The policy leaves this open: {text}", "Mae'r polisi'n gadael hyn yn agored: {text}", ""),
    ("You asked for {0}, so that is what is paid.", "Gofynnoch am {0}, felly dyna a delir.", ""),
    (
        "You had {0} beforehand, so {1} is still due.",
        "Cawsoch {0} ymlaen llaw, felly mae {1} yn ddyledus o hyd.",
        "You had {0} before. So you get {1} more.",
    ),
    ("It is in this claim already.", "Mae yn y cais hwn yn barod.", ""),
    (
        "It was for {0}, and you took part for {1}.",
        "Roedd am {0}, a buoch yn cymryd rhan am {1}.",
        "It was for {0}. You took part for {1}.",
    ),
    ("That part is {0}.", "Y rhan honno yw {0}.", ""),
    ("You may always ask for less, or for nothing.", "Cewch ofyn am lai, neu am ddim, bob amser.", ""),
    ("It still holds.", "Mae'n dal mewn grym.", ""),
    (
        "This policy was due to be looked at again by {0}.",
        "Roedd disgwyl edrych ar y polisi hwn eto erbyn {0}.",
        "",
    ),
    ("This policy started on {0}.", "Dechreuodd y polisi hwn ar {0}.", ""),
    # What would help
    (
        "It can be paid if you send a receipt or ticket.",
        "Gellir ei dalu os anfonwch dderbynneb neu docyn.",
        "We can pay if you send a receipt or ticket.",
    ),
    (
        "It could be paid if it had been agreed before it was spent.",
        "Gellid ei dalu pe bai wedi ei gytuno cyn ei wario.",
        "We could pay if we had agreed it before you spent it.",
    ),
    ("It could be paid if it was claimed by {0}.", "Gellid ei dalu pe bai wedi ei hawlio erbyn {0}.", ""),
    ("It can be paid when it is claimed on {0}.", "Gellir ei dalu pan fydd wedi ei hawlio ar {0}.", ""),
    (
        "A meal can be paid for from {0} away from home.",
        "Gellir talu am bryd o fwyd ar ôl {0} oddi cartref.",
        "We can pay for a meal when you are away from home for {0}.",
    ),
    (
        "There is a fee for another role in this activity: {text}.",
        "Mae ffi am rôl arall yn y gweithgaredd hwn: {text}.",
        "",
    ),
    (
        "There is a fee when there is less than {0} of notice.",
        "Mae ffi pan fo llai na {0} o rybudd.",
        "",
    ),
    ("It could be paid if this were {text}.", "Gellid ei dalu pe bai hyn yn wir: {text}.", ""),
    ("This cost is paid for: {text}.", "Telir y gost hon am: {text}.", ""),
)

"""Commands in narration: *Wait.*, told from nouns, participles and finite verbs by what follows the word."""

# ruff: noqa: RUF001, SIM905 - typographic quotes; lists of words read better as they are

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from gaea_assets.style.background import load
from gaea_assets.style.tokens import WORD

_FIRST_WORD = re.compile(
    r"^[“‘(\s—]*(?:(?:and|but|so|then|now|only|just|please)[, ]\s*|(?:oh|no|yes|well|here|there),\s*)?"
    r"(?:(?P<order>do not|don't|never|always)\s+(?=[a-z]))?(?P<verb>[^\W\d_]+)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_VERBS = frozenset(
    "look consider imagine remember think listen take note see let forget ask go come wait suppose call tell "
    "believe watch notice picture keep hold stop observe mark behold breathe run walk turn leave stay give put pick "
    "say beware understand know learn read hear try be stand sit lie bring move count choose find get hurry pray "
    "burn eat drink mix add use cook save send begin return rise wake forgive kneel bury hide seek check fight wash "
    "allow avoid fold boil stir speak write carry reach pull push cut place lift drop press feel mind follow tie "
    "untie strike drive kiss shut gather pour swallow throw catch climb jump leap crawl creep swim sing dance knock "
    "ring bend bow lean kill shoot hit kick bite dig drag draw dress spread set lay wear lock unlock swing grip "
    "grab grasp seize steal sell buy pay borrow lend lose win beat break tear rip crush grind chop slice peel "
    "scrape scrub sweep wipe rub rinse dip soak drain bake fry roast sprinkle strain chew taste smell weigh measure "
    "mend sew knit spin fetch fasten loosen tighten wrap pack unpack build make do have start continue finish "
    "resist obey beg thank bless curse damn swear confess admit accept refuse deny decide describe explain repeat "
    "recall forsake betray murder spare protect guard defend attack flee escape ride sail steer march crouch duck "
    "stoop step tread sleep work help answer hope fear love trust touch cover cross open close enter name spend "
    "show teach shake snap spit tuck tug undress unfold unwrap vanish wander whisper shout scream cry laugh smile "
    "weep mourn grieve pity yield surrender approach arrange attend become blow cease cling collect compare cast "
    "dare dream drift drown fall fill fix fly forge frown gaze glance grow hang haul hurt join judge kindle linger "
    "live lower offer pass pause perch plant play plunge polish ponder praise prepare promise prove punish raise "
    "recite release rely remain remove rest roll row rush scatter search serve settle share sharpen signal sink "
    "slide slip squeeze stab stare stick stretch study suck suffer tap testify thread toss trace travel treat "
    "tremble vote warm water witness wring".split()
)
# Words that begin a sentence as a noun or an adjective more readily than as a verb: they want an object behind them.
_SELDOM_VERBS = frozenset(
    "work sleep help answer hope fear love trust touch cover cross open close burn name cook drink fight guard "
    "dress place mind murder pity rest search ring cry laugh bow step ride march pack pass pause play "
    "plant polish praise promise witness water warm lower live treat study tap thread row roll pay taste smell "
    "measure dream curse shake hurt stick share travel vote judge signal swing bite kiss drift shout scream whisper "
    "shot lie watch picture note mark call use return check attack escape start finish spread brood cast duck "
    "glance gaze lock".split()
)
_NO_COMMANDS = frozenset(
    "still like near even well long back own right last down round up over time rain snow hail thunder storm blood "
    "will can might must need second minute own less past present during being nothing string king mean "
    "better does did had has was were are is thus this his its as us gas pretty that".split()
)
_OBJECT = frozenset(
    "him her it me us them yourself yourselves my your thy his their our the a an this these those each every any all "
    "no one some both what whatever nothing nobody everything everyone anything anyone another himself myself two "
    "three four".split()
)
_PARTICLES = frozenset(
    "in out up down on off away back at to over under through into from with for by between behind beside beyond "
    "against among across along around round about towards toward upon onto inside outside near after before above "
    "below without within until till like as than beneath past".split()
)
_ADVERBS = frozenset(
    "again still now here there then together home harder hard fast faster slowly well deep deeper quietly once twice "
    "quick straight not only carefully gently softly forward backward ahead aside alone more less first closer "
    "closely late later early deeply upstairs downstairs north south east west left right low high apart".split()
)
_OPENS_CLAUSE = frozenset(
    "that which who whom whose what where when while whenever wherever until till if unless because since before after "
    "as though although how why whether so than and or but for nor lest".split()
)
_WITH_OF = frozenset(
    "think beware speak tell dream drink eat taste hear say learn ask get take be read sing make".split()
)
_WITH_CLAUSE = frozenset(
    "see think believe know suppose say imagine remember trust tell hope pray consider grant swear promise let "
    "pretend understand mark recall admit".split()
)
_LIKE_THEIR_PAST = frozenset("cut put set hurt shut hit cast spread".split())
_FINITE = frozenset(
    "is are was were am had has did does could would should might isn't wasn't weren't hadn't didn't couldn't wouldn't "
    "came went fell stood rose took gave knew began broke brought bought blew bore became chose crept drank drew "
    "drove ate fled flew forgot forgave froze got grew held hung kept knelt lay led lost made met paid rang ran rode "
    "said sang sank sat saw sent shook shone slept slid sold sought spoke sprang stole struck swam swept swore swung "
    "taught thought threw told tore understood woke wept wore won wrote ran burnt lit lined lies stank".split()
)
_SUBJECTS = frozenset("i he she they we".split())
_AFTER_COMMA = re.compile(r",\s+(?:i|he|she|it|they|we|you|the|an?|his|her|their|my|our|your)\s", re.IGNORECASE)
DETERMINERS = frozenset(
    "the a an this that these those every each no any some your his her its their our my of another".split()
)


def is_imperative(sentence: str) -> bool:
    """Whether a sentence of narration commands: it begins with a bare verb and has no subject before it."""
    found = _FIRST_WORD.match(sentence)
    if not found:
        return False
    verb, rest = found["verb"].lower(), found["rest"]
    if verb in _NO_COMMANDS or sentence.isupper() or not (verb in _VERBS or _may_be_verb(verb)):
        return False
    words = [word.lower() for word in WORD.findall(rest)]
    if found["order"]:
        return bool(words or verb in _VERBS) and not (words and words[0] in _FINITE) and not _asks(rest)
    if verb == "let" and words[:1] in (["us"], ["me"], ["him"], ["her"], ["them"], ["it"]):
        return True
    return not _asks(rest) and _commands(verb, words, rest)


def _asks(rest: str) -> bool:
    return rest.rstrip("”’)* ").endswith("?") and not rest.rstrip("”’)*? ").endswith(("you", "shall we"))


_FUNCTION_WORDS = frozenset(
    _OBJECT | _PARTICLES | _ADVERBS | _OPENS_CLAUSE | _FINITE | _SUBJECTS | DETERMINERS | {"except", "half", "such"}
)


@cache
def _may_be_verb(word: str) -> bool:
    """Whether a word has a verb's forms among the words that authors use (*gathering, gathered*)."""
    known = load().lexicon
    if len(word) < 3 or word not in known or word in _FUNCTION_WORDS:
        return False
    stems = {word, word[:-1] if word.endswith("e") else word + word[-1]}
    stems.add(word[:-1] + "i" if word.endswith("y") else word)
    return any(stem + ending in known for stem in stems for ending in ("ing", "ed"))


def _commands(verb: str, words: list[str], rest: str) -> bool:
    """Whether a verb that opens a sentence commands, by what follows it."""
    seldom = verb not in _VERBS or verb in _SELDOM_VERBS
    after = rest.lstrip("*")[:1]
    if not words or after in (",", ".", "!", ";", ":", "—"):
        return not seldom
    following, then = words[0], words[1] if len(words) > 1 else ""
    if following in _FINITE or following == verb or (seldom and following == "left"):
        return False
    if then == verb and following in _PARTICLES:  # turn by turn
        return False
    if following in _OBJECT:
        return not (verb == "come" and following in DETERMINERS)
    if following in ("you", "thee"):
        return verb not in ("thank", "bless", "damn", "curse", "have", "do", "be") and not seldom
    if following in _SUBJECTS or following in ("that", "whether", "where", "who", "how", "why"):
        return verb in _WITH_CLAUSE or (not seldom and following not in _SUBJECTS)
    if following == "of":
        return verb in _WITH_OF
    if following in ("and", "or"):
        return _may_command(then, words[2:], seldom) and not _finite(words[2:], bare=True)
    if following in _PARTICLES:
        return _with_particle(verb, words, rest, seldom)
    if following in _ADVERBS or following.endswith("ly"):
        return not _finite(words, bare=seldom)
    return not seldom and not _finite(words, bare=True) and not (verb == "come" and following in _TIMES)


_TIMES = frozenset(
    "morning evening night noon dawn dusk daylight midnight spring summer autumn winter sunday monday tuesday "
    "wednesday thursday friday saturday may june july august".split()
)


def _may_command(word: str, words: list[str], seldom: bool) -> bool:
    """Whether the second of two verbs (*Come and see*) is one: a noun before *and* wants it to have an object."""
    if word not in _VERBS and not _may_be_verb(word):
        return False
    return word in _VERBS - _SELDOM_VERBS if not seldom else bool(words) and words[0] in _OBJECT


def _with_particle(verb: str, words: list[str], rest: str, seldom: bool) -> bool:
    """Whether a verb with a preposition or an adverb of place commands (*Come in* against *Light in the window*)."""
    if verb in _LIKE_THEIR_PAST and _AFTER_COMMA.search(rest) and not _object_soon(words):
        return False
    if not seldom:
        return not _finite(words[:4], bare=False)
    if words[0] in ("until", "till"):
        return True
    return not _finite(words, bare=True) and (
        bool({"your", "yourself"} & set(words)) or (words[0] in ("up", "down", "off", "out") and _object_soon(words))
    )


def _object_soon(words: list[str]) -> bool:
    return len(words) > 1 and words[0] in ("up", "down", "off", "out", "on", "away", "aside") and words[1] in _OBJECT


def _finite(words: Sequence[str], *, bare: bool) -> bool:
    """Whether the first clause has a finite verb, so that what stands before it is its subject.

    Args:
        words: What follows the first word, in lower case.
        bare: Count past forms in *-ed* too.
    """
    before = ""
    for place, word in enumerate(words):
        if place and word in _OPENS_CLAUSE:
            return False
        if before in _SUBJECTS or before in ("it", "you"):
            return False  # a clause of its own
        if before not in DETERMINERS and (word in _FINITE or (bare and len(word) > 4 and word.endswith("ed"))):
            return True
        before = word
    return False

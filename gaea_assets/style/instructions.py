"""Instructions whose answers can be checked without a judge."""

# ruff: noqa: E501 - a table of instructions

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gaea_assets.style import answer_checks as check
from gaea_assets.style.answer_checks import about, prose, sentence_count

_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_COLOURS = (
    "red orange yellow green blue indigo violet purple pink brown black white grey gray cyan magenta turquoise teal "
    "gold silver beige ivory cream maroon crimson scarlet navy azure lavender lilac mauve olive lime mint coral peach "
    "salmon amber ochre tan khaki burgundy emerald ruby sapphire aqua aquamarine rose fuchsia plum charcoal bronze "
    "copper chartreuse cobalt vermilion rust mustard sienna umber taupe jade cerulean ultramarine"
)
_TREES = (
    "oak ash elm fir yew pine spruce cedar larch birch beech maple willow poplar aspen alder hazel hornbeam chestnut "
    "walnut hickory pecan sycamore plane lime linden holly hawthorn rowan elder juniper cypress sequoia redwood hemlock "
    "apple pear cherry plum peach apricot almond orange lemon fig olive mango avocado banana papaya guava palm coconut "
    "date eucalyptus gum acacia wattle mahogany teak ebony baobab banyan ginkgo magnolia dogwood redbud locust laurel "
    "bay mulberry cottonwood tamarack basswood tupelo sassafras jacaranda mimosa cacao rubber neem bamboo mangrove "
    "cork kapok balsa sandalwood rosewood persimmon pomegranate quince medlar whitebeam blackthorn catalpa ironwood "
    "buckeye tulip araucaria bristlecone crabapple pawpaw sumac lilac tamarind cashew pistachio macadamia kauri quercus "
    "acer pinus fagus betula fraxinus ulmus abies picea salix populus tilia"
)
_RIVERS = (
    "rhine rhein rhin danube donau volga wolga seine loire rhône rhone garonne dordogne meuse maas moselle mosel marne "
    "saône saone thames severn trent mersey tyne tees ouse avon clyde tay tweed forth spey shannon liffey boyne po tiber "
    "tevere arno adige ebro tagus tajo tejo douro duero guadiana guadalquivir minho miño elbe oder odra weser ems main "
    "neckar isar inn lech spree havel saale aare vltava moldau morava vistula wisła wisla warta bug san dnieper dnipro "
    "dniester don donets ural neva dvina daugava neman nemunas kama oka pechora onega sava drava tisza tisa mur mures "
    "prut siret olt maritsa vardar neretva drina bosna scheldt escaut lys ijssel somme oise yonne charente adour isère "
    "glomma göta dal torne kemi lule narva gauja axios evros struma iskar kupa una aller lahn main ruhr"
)
_TOOLS = (
    "knife knives spoon fork ladle whisk spatula grater peeler colander sieve strainer tong board pan saucepan frypan "
    "skillet pot wok kettle bowl cup jug opener corkscrew pin masher scissor shears thermometer timer scale blender "
    "mixer processor toaster juicer mortar pestle tray sheet rack tin mandoline zester brush scoop baster funnel "
    "cleaver slicer cutter press crusher squeezer skewer steamer oven microwave stove mould mold casserole griddle "
    "turner chopper corer pitter mill grinder spinner sharpener ramekin plate glove mitt apron fryer chopstick "
    "teaspoon tablespoon dish ricer shaker sifter scraper torch trivet beater roller cooker"
)
_SLEEP = "*sleep* rest* health* mood energ* memor* brain bod* immun* heart mind* tired* focus* concentrat* stress* learn* alert* weight disease recover* repair* skin think* productiv* well-being wellbeing happ*"
_SEA = (
    "sea ocean wave tide water* salt* shore* coast* blue horizon deep* surf foam* fish* ship sail* gull beach* depths"
)
_RAIN = "rain* water cloud drop* droplet condens* vapor vapour evaporat* precipitat* sky moisture"
_MARKET = "market* stall vendor seller buyer merchant trader hawker bustl* crowd* fruit vegetable fish spice sell* buy* goods bargain* haggl* shop* customer"
_BRIDGE = "bridge* cross* span* connect* river water valley gap obstacle road link*"
_WINTER = "winter* snow* cold* ice icy frost* freez* froze* chill* wind* december january february frigid bare"
_SUMMER = "summer* sun* heat* hot* warm* beach* july august june swim* bright* holiday vacation"
_FOREST = (
    "*wald* *wäld* *baum* *bäum* *blätter* *laub* moos* *tanne* *fichte* *buche* *eiche* grün* *vögel* lichtung* zweig*"
)
_HOUSE = "maison* toit* mur* fenêtre* porte* jardin* pièce* chambre* cheminée* cuisine* volet* façade* pierre* demeure*"
_CITY = "ciudad* calle* plaza* edificio* barrio* avenida* parque* mercado* gente urban* puerto* rascacielos habitante* catedral*"
_MOUNTAIN = "mountain* peak* summit* slope* cliff* snow* rock* ridge* alp* tower* valley* hill*"
_HORSE = "horse* mare stallion foal colt pony ponies steed gelding gallop* filly fillies"
_TEA = "tea brew* teapot teacup kettle leaves beverage drink* infus*"
_BEES = "bee bumblebee honeybee honey* hive* beehive pollen* pollinat* nectar queen swarm* sting"


@dataclass(frozen=True)
class Instruction:
    """An instruction whose answer can be checked without a judge.

    Attributes:
        id: Stable name.
        prompt: What the model is asked.
        rule: Whether an answer, without Markdown emphasis, does what was asked.
    """

    id: str
    prompt: str
    rule: Callable[[str], bool]

    def check(self, answer: str) -> bool:
        """Whether an answer does what was asked."""
        return self.rule(check.plain(answer))


INSTRUCTIONS: tuple[Instruction, ...] = (
    Instruction("list-5", "List five kinds of tree as a numbered list and nothing else.",
                lambda a: check.only_numbered_items(a) and check.distinct_names(check.numbered_items(a, 5), _TREES)),
    Instruction("list-3", "Give three reasons to sleep well, as a numbered list.",
                lambda a: check.distinct(check.numbered_items(a, 3)) and about(a, _SLEEP)),
    Instruction("list-7", "Name the days of the week as a numbered list.",
                lambda a: check.distinct_names(check.numbered_items(a, 7), _DAYS)),
    Instruction("bullets-4", "Name four rivers of Europe, one bullet point each, starting with '- '.",
                lambda a: check.distinct_names(check.bullets(a, 4), _RIVERS)),
    Instruction("bullets-6", "Give six kitchen tools as bullet points starting with '- '.",
                lambda a: check.distinct_names(check.bullets(a, 6), _TOOLS)),
    Instruction("words-50", "Describe the sea in 40 to 60 words.", lambda a: check.word_range(a, 40, 60) and prose(a, _SEA)),
    Instruction("words-20", "Explain rain in at most 20 words.", lambda a: check.word_range(a, 3, 20) and prose(a, _RAIN, 3)),
    Instruction("words-100", "Tell a story about a lost key in 80 to 120 words.",
                lambda a: check.word_range(a, 80, 120) and prose(a, "key")),
    Instruction("sentences-3", "Describe a market in exactly three sentences.",
                lambda a: sentence_count(a, 3) and prose(a, _MARKET)),
    Instruction("sentences-1", "Say in exactly one sentence what a bridge is for.",
                lambda a: sentence_count(a, 1) and prose(a, _BRIDGE)),
    Instruction("json-2", 'Answer with a JSON object with just the keys "name" and "age" for an invented person.',
                lambda a: check.json_object(a, {"name": str, "age": int})),
    Instruction("json-3", 'Answer with a JSON object with just the keys "title", "author" and "year" for an invented book.',
                lambda a: check.json_object(a, {"title": str, "author": str, "year": int})),
    Instruction("upper", "Write one sentence about winter in capital letters only.",
                lambda a: a.isupper() and sentence_count(a, 1) and prose(a, _WINTER)),
    Instruction("lower", "Write one sentence about summer in lower case letters only.",
                lambda a: a.islower() and sentence_count(a.upper(), 1) and prose(a, _SUMMER)),
    Instruction("german", "Beschreibe in zwei Sätzen einen Wald.",
                lambda a: check.in_language(a, "de") and sentence_count(a, 2) and about(a, _FOREST)),
    Instruction("french", "Décris une maison en deux phrases.",
                lambda a: check.in_language(a, "fr") and sentence_count(a, 2) and about(a, _HOUSE)),
    Instruction("spanish", "Describe en dos frases una ciudad.",
                lambda a: check.in_language(a, "es") and sentence_count(a, 2) and about(a, _CITY)),
    Instruction("english", "Describe a mountain in two sentences. Answer in English.",
                lambda a: check.in_language(a, "en") and sentence_count(a, 2) and about(a, _MOUNTAIN)),
    Instruction("to-german", "Translate into German: The house is old and the garden is not small.",
                lambda a: check.in_language(a, "de") and all(about(a, w) for w in ("haus", "garten", "alt*", "klein*", "nicht kein*"))),
    Instruction("no-z", "Write one sentence about a horse without using the letter z.",
                lambda a: check.without_letter(a, "z") and sentence_count(a, 1) and prose(a, _HORSE)),
    Instruction("use-words", "Write one sentence that uses the words lantern, bread and river.",
                lambda a: sentence_count(a, 1) and all(prose(a, word, 6) for word in ("lantern", "bread", "river"))),
    Instruction("yes-no", "Is seven greater than three? Answer with yes or no only.", lambda a: check.exactly(a, "yes")),
    Instruction("sum", "What is 17 plus 25? Answer with the number only.", lambda a: check.exactly(a, "42")),
    Instruction("opposite", "What is the opposite of hot? Answer with one word.", lambda a: check.exactly(a, "cold")),
    Instruction("capital", "What is the capital of France? Answer with one word.", lambda a: check.exactly(a, "paris")),
    Instruction("end-phrase", "Say something about tea and end your answer with the words: That is all.",
                lambda a: check.ends_with(a, "That is all") and prose(a, _TEA, 5)),
    Instruction("start-word", "Write a sentence that begins with the word Tomorrow.",
                lambda a: check.begins_with(a, "Tomorrow") and sentence_count(a, 1) and prose(a, "tomorrow")),
    Instruction("quoted", "Put your whole answer, a proverb, between double quotation marks.", check.quoted),
    Instruction("commas", "Name four colours, separated by commas, and nothing else.",
                lambda a: a.count(",") == 3 and check.only_names(a.strip(" .\n").split(","), _COLOURS)),
    Instruction("paragraphs", "Write two short paragraphs about bees, parted by a blank line.",
                lambda a: check.paragraph_count(a, 2) and prose(a, _BEES)),
)  # fmt: skip


def followed(answers: Mapping[str, str]) -> dict[str, bool]:
    """Check answers.

    Args:
        answers: Answer by instruction id; ids that are missing count as not followed.

    Returns:
        Whether each instruction was followed.
    """
    return {item.id: item.id in answers and item.check(answers[item.id]) for item in INSTRUCTIONS}

# ruff: noqa: E501 (tables: one thing a line)
"""English.

Nouns are singular/plural ("=": no article, a plural word); a plural that is left out follows the rule. Verbs are
gerund/singular/plural. Started from the Unicode CLDR names that the `emoji` package carries, then corrected by hand.
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import plain_verb, sentence
from yozora.language.pack import Grammar, Group, LanguagePack, Name, Pen, Phrases, SentenceRules, Table, Wording

NOUNS: Final[Table] = {
    "person": "person/people", "man": "man/men|guy", "woman": "woman/women|young woman/young women|lady", "boy": "boy", "girl": "girl",
    "child": "child/children|kid", "old man": "old man/old men|elderly man/elderly men|grandfather",
    "old woman": "old woman/old women|elderly woman/elderly women|grandmother", "cyclist": "cyclist|person riding a bike/people riding bikes",
    "superhero": "superhero/superheroes", "mermaid": "mermaid", "fairy": "fairy", "cat": "cat|kitten|kitty", "dog": "dog|puppy",
    "golden retriever": "golden retriever|retriever", "poodle": "poodle", "horse": "horse|pony", "sheep": "sheep/sheep|lamb", "cow": "cow",
    "elephant": "elephant", "bear": "bear", "zebra": "zebra", "giraffe": "giraffe", "rabbit": "rabbit|bunny|hare", "mouse": "mouse/mice",
    "rat": "rat", "ox": "ox/oxen|bull", "buffalo": "buffalo/buffaloes|water buffalo/water buffaloes", "bison": "bison/bison", "tiger": "tiger",
    "leopard": "leopard|cheetah", "lion": "lion", "dragon": "dragon", "crocodile": "crocodile|alligator", "snail": "snail", "snake": "snake|serpent",
    "ram": "ram", "goat": "goat", "monkey": "monkey", "pig": "pig|piglet", "camel": "camel|dromedary", "squirrel": "squirrel|chipmunk", "fox": "fox",
    "wolf": "wolf/wolves", "panda": "panda", "koala": "koala", "raccoon": "raccoon", "deer": "deer/deer|stag", "gorilla": "gorilla",
    "rhinoceros": "rhinoceros|rhino", "hippopotamus": "hippopotamus|hippo", "kangaroo": "kangaroo", "llama": "llama|alpaca", "hedgehog": "hedgehog",
    "badger": "badger", "skunk": "skunk", "beaver": "beaver", "mammoth": "mammoth", "donkey": "donkey", "seal": "seal",
    "dinosaur": "dinosaur|sauropod", "tyrannosaurus": "tyrannosaurus|t-rex", "turtle": "turtle|tortoise", "lizard": "lizard|gecko", "frog": "frog",
    "crab": "crab", "lobster": "lobster", "scorpion": "scorpion", "spider": "spider", "ant": "ant", "caterpillar": "caterpillar",
    "ladybug": "ladybug|ladybird", "bird": "bird|songbird", "seagull": "seagull|gull", "dove": "dove|pigeon", "eagle": "eagle|hawk",
    "duck": "duck|mallard", "goose": "goose/geese", "swan": "swan", "flamingo": "flamingo", "parrot": "parrot", "owl": "owl", "peacock": "peacock",
    "turkey": "turkey", "rooster": "rooster|cockerel", "chicken": "chicken|hen", "chick": "chick", "penguin": "penguin", "dodo": "dodo", "bat": "bat",
    "bee": "bee|honeybee", "butterfly": "butterfly", "fish": "fish/fish", "tropical fish": "tropical fish/tropical fish|angelfish/angelfish",
    "pufferfish": "pufferfish/pufferfish|blowfish/blowfish", "shark": "shark", "dolphin": "dolphin", "whale": "whale", "octopus": "octopus",
    "jellyfish": "jellyfish/jellyfish", "car": "car|automobile", "suv": "suv|jeep", "taxi": "taxi/taxis|cab", "police car": "police car",
    "racing car": "racing car|race car", "bus": "bus|coach", "minibus": "minibus|van", "ambulance": "ambulance",
    "fire truck": "fire truck|fire engine", "truck": "truck|lorry", "semi truck": "semi truck|trailer truck", "pickup truck": "pickup truck|pickup",
    "tractor": "tractor", "rickshaw": "rickshaw|tuk-tuk", "bicycle": "bicycle|bike", "motorcycle": "motorcycle|motorbike", "scooter": "scooter|moped",
    "kick scooter": "kick scooter", "skateboard": "skateboard", "sled": "sled|sleigh", "train": "train|locomotive|steam train",
    "high-speed train": "high-speed train|bullet train", "tram": "tram|streetcar", "carousel horse": "carousel horse|merry-go-round horse",
    "boat": "boat|sailboat|sailing boat", "speedboat": "speedboat", "motorboat": "motorboat|yacht", "ship": "ship|steamship",
    "cruise ship": "cruise ship|ocean liner", "ferry": "ferry", "canoe": "canoe|rowboat", "airplane": "airplane|plane|aeroplane|jet",
    "propeller plane": "propeller plane|small plane", "helicopter": "helicopter", "rocket": "rocket|spaceship", "flying saucer": "flying saucer|ufo",
    "parachute": "parachute", "sports ball": "sports ball|soccer ball|football|ball", "basketball": "basketball", "volleyball": "volleyball",
    "baseball": "baseball", "american football": "american football|rugby ball", "ball": "billiard ball|pool ball", "frisbee": "frisbee|flying disc",
    "yo-yo": "yo-yo/yo-yos", "balloon": "balloon", "kite": "kite", "house": "house|home", "cottage": "cottage", "castle": "castle",
    "church": "church", "mosque": "mosque", "school": "school", "hut": "hut", "tent": "tent", "circus tent": "circus tent|circus",
    "ferris wheel": "ferris wheel", "fountain": "fountain", "statue": "statue|statue of liberty/statues of liberty", "tower": "tower",
    "slide": "playground slide|slide", "rock": "rock|stone|boulder", "tree": "tree", "fir tree": "fir tree|pine tree|evergreen tree",
    "palm tree": "palm tree|palm", "christmas tree": "christmas tree", "cactus": "cactus/cacti", "potted plant": "potted plant|houseplant",
    "leaf": "leaf/leaves|maple leaf/maple leaves|autumn leaf/autumn leaves", "mushroom": "mushroom|toadstool", "rose": "rose", "tulip": "tulip",
    "sunflower": "sunflower", "flower": "flower|daisy", "bouquet": "bouquet|bunch of flowers/bunches of flowers", "snowman": "snowman/snowmen",
    "chair": "chair|wooden chair", "couch": "couch/couches|sofa", "bed": "bed", "toilet": "toilet", "bathtub": "bathtub", "door": "door",
    "mirror": "mirror", "ladder": "ladder", "tv": "tv|television", "desktop computer": "desktop computer|computer",
    "laptop": "laptop|notebook computer", "keyboard": "keyboard", "cell phone": "cell phone|mobile phone|smartphone|phone", "radio": "radio/radios",
    "camera": "photo camera", "clock": "clock|mantel clock", "alarm clock": "alarm clock", "watch": "watch|wristwatch",
    "vase": "vase|amphora/amphoras|urn", "lamp": "lamp|light bulb", "candle": "candle", "flashlight": "flashlight",
    "lantern": "lantern|paper lantern", "bell": "bell", "key": "key", "book": "book", "box": "box|package|cardboard box", "gift": "gift|present",
    "bucket": "bucket|pail", "basket": "basket", "broom": "broom", "scissors": "scissors/scissors/=", "toothbrush": "toothbrush",
    "umbrella": "umbrella|parasol", "backpack": "backpack|rucksack", "handbag": "handbag|purse", "suitcase": "suitcase|luggage/suitcases|travel bag",
    "shopping cart": "shopping cart|shopping trolley", "tie": "tie|necktie", "dress": "dress|gown", "t-shirt": "t-shirt", "jeans": "jeans/jeans/=",
    "shoe": "shoe|sneaker|running shoe", "boot": "boot", "scarf": "scarf/scarves", "gloves": "gloves/gloves/=", "hat": "hat|top hat",
    "cap": "cap|baseball cap", "crown": "crown", "teddy bear": "teddy bear", "robot": "robot", "roller skate": "roller skate",
    "skis": "skis/skis/=|pair of skis/pairs of skis", "tennis racket": "tennis racket|racket", "boxing glove": "boxing glove", "trophy": "trophy",
    "guitar": "guitar|electric guitar", "violin": "violin|fiddle", "drum": "drum", "trumpet": "trumpet", "star": "star",
    "diamond": "diamond|gem|jewel", "anchor": "anchor", "traffic light": "traffic light|stoplight", "stop sign": "stop sign",
    "fire extinguisher": "fire extinguisher", "bottle": "bottle|champagne bottle", "wine glass": "wine glass|glass of wine/glasses of wine",
    "cup": "cup|coffee cup|cup of coffee/cups of coffee|mug", "teapot": "teapot", "glass of milk": "glass of milk/glasses of milk", "fork": "fork",
    "knife": "knife/knives", "spoon": "spoon", "bowl": "bowl|dish", "banana": "banana", "apple": "apple", "orange": "orange|tangerine",
    "lemon": "lemon", "strawberry": "strawberry", "cherries": "cherries/cherries/=", "grapes": "grapes/grapes/=|bunch of grapes/bunches of grapes",
    "watermelon": "watermelon|slice of watermelon/slices of watermelon", "pineapple": "pineapple", "tomato": "tomato/tomatoes",
    "eggplant": "eggplant|aubergine", "corn": "corn cob|ear of corn/ears of corn|corn", "broccoli": "broccoli/broccolis", "carrot": "carrot",
    "pumpkin": "pumpkin|jack-o-lantern", "sandwich": "sandwich", "hot dog": "hot dog", "hamburger": "hamburger|burger",
    "pizza": "pizza|slice of pizza/slices of pizza", "bread": "loaf of bread/loaves of bread|bread/breads", "croissant": "croissant",
    "cheese": "piece of cheese/pieces of cheese|cheese", "egg": "egg", "donut": "donut|doughnut", "cake": "cake|birthday cake",
    "cupcake": "cupcake|muffin", "ice cream": "ice cream/ice creams|ice cream cone",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "red", "green": "green", "blue": "blue", "yellow": "yellow", "orange": "orange", "purple": "purple|violet", "pink": "pink",
        "black": "black", "white": "white",
    },
    numbers={"2": "two", "3": "three", "4": "four"},
    verbs={
        "move": "moving/moves/move", "play": "playing/plays/play", "stand": "standing/stands/stand",
        "walk": "walking/walks/walk|strolling/strolls/stroll", "run": "running/runs/run", "hop": "hopping/hops/hop|jumping/jumps/jump",
        "dance": "dancing/dances/dance", "fly": "flying/flies/fly|soaring/soars/soar", "fly:balloon": "floating/floats/float|flying/flies/fly",
        "drive": "driving/drives/drive", "ride": "moving/moves/move|riding/rides/ride", "ride:person": "riding/rides/ride|cycling/cycles/cycle",
        "sail": "sailing/sails/sail", "swim": "swimming/swims/swim", "roll": "rolling/rolls/roll", "bounce": "bouncing/bounces/bounce",
        "rise": "rising/rises/rise|floating up/floats up/float up", "fall": "falling/falls/fall|dropping/drops/drop",
    },
    directions={
        "left": "left|to the left|towards the left|from right to left", "right": "right|to the right|towards the right|from left to right",
        "towards": "towards the camera|toward the viewer|closer to the camera", "away": "away|away from the camera|into the distance",
    },
    places={
        "park": "in a park|in the park|on the grass in a park|in a grassy park", "beach": "on a beach|on the beach|at the beach|on a sandy beach",
        "city": "on a city street|in the city|in a city|on a busy street|in a bustling city",
        "snow": "in a snowy field|on a snow-covered field|in a snowy landscape", "desert": "in the desert|in a desert|among sand dunes",
        "sea": "at sea|on the sea|on the ocean|in the ocean", "mountains": "in the mountains|in front of mountains|in a mountain landscape",
        "room": "in a room|in a living room|indoors|inside a room",
    },
    through={
        "park": "through a park|through the park", "beach": "along the beach|along a beach",
        "city": "through a city|through a bustling city|down a city street", "snow": "through a snowy field|across a snowy field",
        "desert": "through the desert|across the desert", "mountains": "through the mountains",
    },
    weather_in={
        "park": "in a {} park|through a {} park", "beach": "on a {} beach", "city": "in a {} city|on a {} city street|through a {} city",
        "desert": "in a {} desert", "sea": "on a {} sea", "mountains": "in {} mountains",
    },
    adjectives={"snow": "snowy", "rain": "rainy", "fog": "foggy|misty"},
    stages={
        "park": "a quiet park|a peaceful park|a park with trees", "beach": "a serene beach|a beautiful beach|a sandy beach",
        "city": "a city street|a bustling city|a quiet city street", "snow": "a snowy field|a snow-covered field",
        "desert": "a vast desert|a desert with sand dunes", "sea": "the open sea|a calm sea|the ocean",
        "mountains": "a mountain landscape|majestic mountains", "room": "a cozy room|a living room",
    },
    waves={
        "beach": "waves gently crashing|gentle waves|waves lapping on the sand", "sea": "gentle waves|waves rolling by",
    },
    daytimes={
        "day": "during the day|in daylight|by day", "sunset": "at sunset|at dusk|in the evening|during sunset",
        "night": "at night|at nighttime|under the night sky|in the moonlight",
    },
    weathers={
        "clear": "under a clear sky|in clear weather", "snow": "in the snow|while it snows|with snow falling|in falling snow",
        "rain": "in the rain|while it rains|in heavy rain|with rain falling",
        "leaves": "with autumn leaves falling|while autumn leaves fall|among falling leaves", "fog": "in the fog|in thick fog|in the mist",
    },
    cameras={
        "static": "static camera|static shot", "pan left": "the camera pans left|camera panning left|pan left",
        "pan right": "the camera pans right|camera panning right|pan right", "tilt up": "the camera tilts up|tilt up|camera tilting up",
        "tilt down": "the camera tilts down|tilt down|camera tilting down", "zoom in": "the camera zooms in|zoom in|slow zoom in",
        "zoom out": "the camera zooms out|zoom out|slow zoom out",
    },
    styles={
        "paper": "paper theatre|in paper cut-out style",
        "cartoon": "cartoon style|in the style of a cartoon|animated style|a cartoon with bold outlines",
        "noir": "black and white|black and white noir|in film noir style", "vintage": "vintage film|in a vintage sepia style|old film with grain",
        "watercolor": "watercolor painting|in the style of a watercolor painting|in watercolor style", "pixel": "pixel art|in pixel art style",
    },
    relations={
        "left of": "on the left of|to the left of", "right of": "on the right of|to the right of", "on top of": "on the top of|on top of|above",
        "behind": "behind", "in front of": "in front of", "on the bottom of": "on the bottom of|under|below",
    },
    behind={
        "tree": "passing behind a tree|disappearing behind a tree and reappearing",
        "rock": "passing behind a rock|disappearing behind a rock and reappearing",
        "pillar": "passing behind a pillar|disappearing behind a column and reappearing",
    },
    views={"overhead": "overhead|in the sky", "front": "front view"},
    glue="a an the of and with in on at to is are there while wearing clothes dress dresses shirt shirts some several one it its this that his her "
    "their i me my we our you your he she they him her them who what which then but or not no if so be been being was were am do does has have "
    "having each every few many much all both during over between around up down out off onto upon inside outside across per please make create "
    "generate by from for as into near beside next video film movie scene clip footage shot show shows showing view very big small little large "
    "beautiful young old",
    small="really still want also there here quite some any same other another like such too alone together happily slowly quickly",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    one = fields[0]
    if len(fields) > 1:
        return Name(one=one, many=fields[1], plural=len(fields) > 2)
    if one.endswith("y") and one[-2] not in "aeiou":
        return Name(one=one, many=one[:-1] + "ies")
    return Name(one=one, many=one + ("es" if one.endswith(("s", "x", "ch", "sh")) else "s"))


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "two red cars"; people wear the colour."""
    name = group.name
    words = name.one if group.count == 1 else name.many
    color = pen.word("colors", group.color) if group.color else ""
    worn = ""
    if color and group.human:
        worn, color = " " + _an(dressed(group, color, pen)), ""
    phrase = f"{color} {words}".strip()
    if group.count == 0:
        return ("some " if pen.chance(0.2) else "") + phrase + worn
    if group.count > 1:
        return f"{pen.pack.phrase('numbers', str(group.count))} {phrase}{worn}"
    if name.plural:
        return phrase + worn
    article = "one " if pen.chance(0.03) else "a "
    return _an(article + phrase) + worn


def dressed(group: Group, color: str, pen: Pen) -> str:
    garment = "dress" if group.woman else "shirt"
    if group.costumed:
        return pen.of(f"in {color}|wearing {color}")
    if group.many:
        return pen.of(f"in {color} {garment}{'es' if group.woman else 's'}|in {color}|wearing {color} clothes")
    return pen.of(f"in a {color} {garment}|in {color}|wearing a {color} {garment}|in {color} clothes")


def _an(phrase: str) -> str:
    """ "a orange car" -> "an orange car"; "in a orange dress" too."""
    words = phrase.split(" ")
    for i in range(len(words) - 1):
        if words[i] == "a" and words[i + 1][0] in "aeiou" and words[i + 1] != "ufo":
            words[i] = "an"
    return " ".join(words).replace("a suv", "an suv")


ENGLISH: Final = LanguagePack(
    key="en",
    title="English",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(write=sentence, noun_phrase=noun, verb=plain_verb, conjunctions=("with", " and ")),
    wording=Wording(
        synonyms=(
            ("noun", "child", "child", "toddler|baby|infant|youngster|schoolchild|kiddo|little one"),
            ("noun", "child", "children", "toddlers|babies|infants|youngsters|schoolchildren|kiddos"),
            ("noun", "child", "~child", "lad|lass|schoolboy|schoolgirl|teenager|teen"),
            ("noun", "child", "~children", "lads|lasses|schoolboys|schoolgirls|teenagers|teens"),
            ("noun", "man", "man", "gentleman|dude|bloke|fellow|father|dad|husband"),
            ("noun", "man", "men", "gentlemen|dudes|blokes|fellows|fathers|dads"), ("noun", "woman", "woman", "female|mother|mom|mum|wife"),
            ("noun", "woman", "women", "females|mothers|moms|mums|wives"), ("noun", "dog", "dog", "doggy|doggie|pup|hound|pooch|doggo"),
            ("noun", "dog", "dogs", "doggies|pups|hounds|doggos"),
            ("noun", "dog", "~dog", "labrador|dachshund|husky|corgi|bulldog|beagle|german shepherd|terrier"),
            ("noun", "cat", "cat", "kittycat|pussycat|tomcat|tabby|feline"), ("noun", "cat", "cats", "kittycats|pussycats|tomcats|felines"),
            ("noun", "horse", "horse", "stallion|mare|foal|colt|steed"), ("noun", "horse", "horses", "stallions|mares|foals|steeds"),
            ("noun", "rabbit", "rabbit", "bunnyrabbit|jackrabbit"),
            ("noun", "bird", "~bird", "sparrow|robin|crow|raven|blackbird|canary|stork|hummingbird|finch|falcon"),
            ("noun", "bird", "~birds", "sparrows|robins|crows|ravens|blackbirds|storks|hummingbirds|finches|falcons"),
            ("noun", "fish", "~fish", "goldfish|salmon|trout|koi|carp|tuna"),
            ("noun", "car", "car", "auto|autos|sedan|motorcar|vehicle|convertible|hatchback|limousine|limo"),
            ("noun", "car", "cars", "sedans|motorcars|vehicles|convertibles|limousines"), ("noun", "bus", "bus", "omnibus|double decker|school bus"),
            ("noun", "bicycle", "bicycle", "pushbike|tricycle|mountain bike"),
            ("noun", "boat", "boat", "dinghy|sailing ship|rowing boat|fishing boat|sail boat"),
            ("noun", "boat", "~boat", "vessel|catamaran|schooner|raft"),
            ("noun", "airplane", "airplane", "aircraft|jetliner|airliner|passenger plane"), ("noun", "airplane", "~airplane", "glider|fighter jet"),
            ("noun", "balloon", "balloon", "party balloon|toy balloon"), ("noun", "balloon", "~balloon", "hot air balloon"),
            ("noun", "sports ball", "sports ball", "footie|beach ball|toy ball"),
            ("noun", "house", "house", "bungalow|villa|mansion|farmhouse|cabin"),
            ("noun", "house", "houses", "bungalows|villas|mansions|farmhouses|cabins"),
            ("noun", "tree", "~tree", "oak|oak tree|birch|maple|willow|apple tree"),
            ("noun", "tree", "~trees", "oaks|oak trees|birches|maples|willows|apple trees"),
            ("noun", "suitcase", "suitcase", "trunk|valise|carry on bag"), ("noun", "umbrella", "umbrella", "brolly"),
            ("noun", "chair", "~chair", "armchair|stool|rocking chair"), ("noun", "bowl", "bowl", "soup bowl|salad bowl"),
            ("noun", "clock", "clock", "wall clock|timepiece"), ("noun", "vase", "vase", "flower vase|flowerpot"),
            ("noun", "butterfly", "~butterfly", "moth"), ("color", "red", "red", "crimson|scarlet|ruby|maroon|burgundy|reddish"),
            ("color", "green", "green", "emerald|olive|lime|greenish"), ("color", "blue", "blue", "navy|azure|cyan|turquoise|bluish|teal"),
            ("color", "yellow", "yellow", "golden|blond|blonde|yellowish|lemon yellow"),
            ("color", "purple", "purple", "lilac|lavender|mauve|indigo|plum"), ("color", "pink", "pink", "magenta|rosy|fuchsia|pinkish"),
            ("color", "black", "black", "pitch black|jet black|ebony"), ("color", "white", "white", "ivory|cream colored|off white"),
            ("color", "orange", "orange", "ginger|amber"), ("color", "white", "~white", "silver|pale gray|light gray|light grey|beige"),
            ("color", "black", "~black", "dark gray|dark grey|charcoal"),
            ("action", "stand", "~standing", "sleeping|sitting|resting|lying|lying down|sitting down|sleeping peacefully|waiting|parked|posing|napping|asleep|seated"),
            ("action", "stand", "~stands", "sleeps|sits|rests|lies|lies down|sits down|waits|poses|naps"),
            ("action", "walk", "walking", "wandering|marching|hiking|striding|roaming|ambling|sauntering|trekking|stepping"),
            ("action", "walk", "walks", "wanders|marches|hikes|strides|roams|ambles|saunters|walked"),
            ("action", "walk", "~walking", "sneaking|crawling|limping|prowling"),
            ("action", "run", "running", "jogging|sprinting|galloping|dashing|trotting|rushing|racing|scampering"),
            ("action", "run", "runs", "jogs|sprints|gallops|dashes|trots|rushes|races|scampers|ran"),
            ("action", "hop", "jumping", "leaping|skipping|bounding|springing|prancing"), ("action", "hop", "jumps", "leaps|skips|leapt|jumped"),
            ("action", "dance", "dancing", "twirling|waltzing|grooving|boogieing"), ("action", "dance", "dances", "twirls|waltzes|danced"),
            ("action", "fly", "flying", "gliding|hovering|fluttering"), ("action", "fly", "flies", "glides|hovers|flutters"),
            ("action", "swim", "swimming", "paddling|snorkeling"), ("action", "swim", "swims", "paddles|swam"),
            ("action", "drive", "driving", "cruising|speeding|zooming past"), ("action", "drive", "drives", "cruises|speeds|drove"),
            ("action", "rise", "rising", "ascending|climbing|soaring upwards|going up"),
            ("action", "fall", "falling", "descending|plunging|plummeting|tumbling down"), ("action", "roll", "rolling", "tumbling|spinning along"),
            ("place", "park", "park", "garden|meadow|lawn|playground|backyard|countryside|pasture"),
            ("place", "park", "~park", "forest|woods|jungle|farm"), ("place", "beach", "beach", "seaside|seashore|coast|shore|shoreline"),
            ("place", "beach", "~beach", "island|riverbank"), ("place", "city", "city", "town|downtown|metropolis|village"),
            ("place", "city", "city street", "road|avenue|alley|boulevard|sidewalk|highway"),
            ("place", "snow", "snowy field", "tundra|arctic|winter landscape"), ("place", "desert", "desert", "sahara|outback|wasteland"),
            ("place", "sea", "sea", "harbor|harbour|bay|open water"), ("place", "sea", "~sea", "lake|river|pond|pool|swimming pool"),
            ("place", "mountains", "mountains", "hills|alps|highlands|peaks|mountain range"),
            ("place", "room", "~room", "kitchen|bedroom|office|classroom|bathroom|library|restaurant|hallway|attic"),
            ("daytime", "sunset", "at sunset", "in the twilight|at twilight|at golden hour|at nightfall"),
            ("daytime", "sunset", "~at sunset", "at dawn|at sunrise|at daybreak|in the early morning"),
            ("daytime", "sunset", "+~at sunset", "dawn|sunrise|daybreak"), ("daytime", "sunset", "+at sunset", "twilight|golden hour|nightfall"),
            ("daytime", "night", "at night", "at midnight|in the dark|after dark|tonight"), ("daytime", "night", "+at night", "midnight|starry"),
            ("daytime", "day", "during the day", "in the morning|at noon|in the afternoon|at midday|in the daytime|in the sunshine|in the sun"),
            ("daytime", "day", "+during the day", "morning|noon|afternoon|midday|daytime"),
            ("weather", "clear", "+under a clear sky", "sunny|cloudless|sunshine|blue sky|sunlit"),
            ("weather", "rain", "+in the rain", "drizzly|drizzling|raining|stormy|rainstorm|pouring|thunderstorm|rainfall|downpour"),
            ("weather", "snow", "+in the snow", "snowing|snowfall|blizzard|snowstorm|wintry|snowflakes"),
            ("weather", "fog", "+in the fog", "hazy|haze|smoky"),
            ("weather", "leaves", "+with autumn leaves falling", "autumnal|in autumn|in the fall|in fall colors"),
            ("camera", "zoom in", "+the camera zooms in", "zooming in|zooms in|dolly in|push in|slow push in|close in on"),
            ("camera", "zoom out", "+the camera zooms out", "zooming out|zooms out|dolly out|pull back|pulls back|pulling back"),
            ("camera", "pan left", "+the camera pans left", "panning left|pans left|panning to the left|pans to the left|pan to the left"),
            ("camera", "pan right", "+the camera pans right", "panning right|pans right|panning to the right|pans to the right|pan to the right"),
            ("camera", "tilt up", "+the camera tilts up", "tilting up|tilts up|tilting upwards"),
            ("camera", "tilt down", "+the camera tilts down", "tilting down|tilts down|tilting downwards"),
            ("camera", "static", "+static camera", "fixed camera|still camera|locked off camera|tripod shot"),
            ("style", "cartoon", "+cartoon style", "anime|cartoonish|comic book|comic|disney style|toon"),
            ("style", "noir", "+black and white", "monochrome|grayscale|greyscale|monochromatic|b w"),
            ("style", "vintage", "+vintage film", "retro|antique film|old timey|nostalgic|sepia tone|8mm|super 8"),
            ("style", "watercolor", "+watercolor painting", "watercolour|watercolors|watercolours|aquarelle|watercolour painting"),
            ("style", "pixel", "+pixel art", "pixelated|8 bit|16 bit|pixelart"),
            ("style", "paper", "+in paper cut-out style", "papercraft|paper craft|paper cutout|origami|collage"),
            ("relation", "on top of", "on top of", "atop"), ("relation", "behind", "behind", "in back of"),
            ("relation", "left of", "to the left of", "left of"), ("relation", "right of", "to the right of", "right of"),
            ("count", "2", "two", "a couple of|a pair of|couple of|pair of|2"), ("count", "3", "three", "a trio of|trio of|3"),
            ("count", "4", "four", "4"),
        ),
        dropped="only|just|nothing but|simply",
        unknown_places="moon|the moon|mars|space|outer space|underwater|stadium|airport|museum|hospital|supermarket|train station|spaceship|cave|volcano|heaven|"
        "circus|factory|church|bridge|rooftop|theater|theatre",
        many="five|six|seven|eight|nine|ten|eleven|twelve|a dozen|dozens of|twenty|fifty|a hundred|hundreds of|thousands of",
        units=frozenset({"second", "seconds", "minute", "minutes", "hour", "hours", "fps", "frames", "bit", "bits", "mm"}),
        negators="without any|without a|without|no|not|never|nobody|no one|none of|don t|doesn t|isn t|aren t|do not show|do not|does not|is not|free of|"
        "with no|there are no|there is no|devoid of",
        negation_stops="in on at but only just with while during through under over near behind beside inside instead although though because where who that which "
        "is are from for as along across above below it they he she there",
        denying=frozenset({"nobody", "no one"}),
        ands=frozenset({"and"}),
        articles=frozenset({"a", "an", "the", "one", "two", "three", "four", "some"}),
        affirmed=frozenset({"only", "just", "way", "matter", "doubt", "problem"}),
    ),
    sentences=SentenceRules(
        labels=r"scene|shot|card",
        cut=r"(?:and\s+)?(?:then\s+)?(?:(?:we|the\s+camera)\s+)?(?:(?:smash|hard|jump|match)[\s-]+)?cuts?\s+to\b|"
        r"(?:and\s+)?next\b(?=\s*[,:]|\s+(?:an?|the|we|some|two|three|four)\b)",
        flow=r"(?:and\s+|but\s+)?(?:then|after\s+that|afterwards?)\b",
        never_last=r"mrs?|ms|drs?|prof|st|mt|vs|e\.g|i\.e|cf|gen|sgt|capt|col|rev|hon",
        before_a_number=r"nos?|figs?|vol|approx|p|pp",
        rarely_last=r"etc|ft|av|a\.m|p\.m|u\.s|u\.k|u\.n|b\.c|a\.d|inc|ltd|co|jr",
        determiners=r"an?|the|one|two|three|four|five|six|some|several|many|another|this|that|these|those|both|his|her|its|their|my|our|\d+",
        not_after=r"back|since|until|till|by|even|just|from",
        settings=r"\b(?:in|on|at|inside|outside|under|over|above|below|through|across|along|near|beside|behind|beneath|by|into|onto|from|"
        "to|towards?|around|between|among|overhead|outdoors|indoors|beach|park|city|street|desert|sea|ocean|mountains?|room|"
        r"forest|sky)\b",
    ),
)  # fmt: skip

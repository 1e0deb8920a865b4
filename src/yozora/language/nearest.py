# ruff: noqa: E501 (tables: one thing a line)
"""What is shown instead of things that weights do not know, and what emoji stand for, in every language alike."""

from collections.abc import Mapping
from typing import Final

NEAREST: Final[Mapping[str, tuple[str, ...]]] = {  # nouns -> what weights that lack them show instead, the nearest first
    "boy": ("child", "man"), "girl": ("child", "woman"), "child": ("boy", "girl"), "person": ("man", "woman"),
    "old man": ("man",), "old woman": ("woman",), "superhero": ("man",), "cyclist": ("man",),
    "golden retriever": ("dog",), "poodle": ("dog",), "wolf": ("dog",), "tropical fish": ("fish",), "pufferfish": ("fish",), "shark": ("fish",),
    "seagull": ("bird",), "dove": ("bird",), "eagle": ("bird",), "duck": ("bird",), "goose": ("bird",), "swan": ("bird",),
    "parrot": ("bird",), "owl": ("bird",), "flamingo": ("bird",), "rooster": ("chicken", "bird"), "chicken": ("bird",), "chick": ("bird",),
    "suv": ("car",), "taxi": ("car",), "police car": ("car",), "racing car": ("car",), "pickup truck": ("truck", "car"), "ambulance": ("minibus", "car"),
    "minibus": ("bus",), "truck": ("bus", "car"), "semi truck": ("truck", "bus"), "fire truck": ("truck", "bus"),
    "motorcycle": ("bicycle",), "scooter": ("motorcycle", "bicycle"),
    "ship": ("boat",), "speedboat": ("boat",), "motorboat": ("boat",), "cruise ship": ("ship", "boat"), "ferry": ("ship", "boat"), "canoe": ("boat",),
    "propeller plane": ("airplane",), "helicopter": ("airplane",),
    "basketball": ("sports ball",), "volleyball": ("sports ball",), "baseball": ("sports ball",), "american football": ("sports ball",), "ball": ("sports ball",),
    "cottage": ("house",), "hut": ("house",), "castle": ("house",),
    "fir tree": ("tree",), "palm tree": ("tree",), "christmas tree": ("tree",),
    "couch": ("chair",), "alarm clock": ("clock",), "backpack": ("suitcase",),
}  # fmt: skip

EMOJI: Final[Mapping[str, str]] = {  # pictures of the world's nouns -> their keys
    "🚶": "child", "🚴": "cyclist", "🦸": "superhero", "🐈": "cat", "🐕": "dog", "🦮": "golden retriever", "🐩": "poodle", "🐎": "horse",
    "🐑": "sheep", "🐄": "cow", "🐘": "elephant", "🐻": "bear", "🦓": "zebra", "🦒": "giraffe", "🐇": "rabbit", "🐁": "mouse", "🐀": "rat",
    "🐂": "ox", "🐃": "buffalo", "🦬": "bison", "🐅": "tiger", "🐆": "leopard", "🦁": "lion", "🐉": "dragon", "🐊": "crocodile", "🐌": "snail",
    "🐍": "snake", "🐏": "ram", "🐐": "goat", "🐒": "monkey", "🐖": "pig", "🐪": "camel", "🐿": "squirrel", "🦊": "fox", "🐺": "wolf", "🐼": "panda",
    "🐨": "koala", "🦝": "raccoon", "🦌": "deer", "🦍": "gorilla", "🦏": "rhinoceros", "🦛": "hippopotamus", "🦘": "kangaroo", "🦙": "llama",
    "🦔": "hedgehog", "🦡": "badger", "🦨": "skunk", "🦫": "beaver", "🦣": "mammoth", "🫏": "donkey", "🦭": "seal", "🦕": "dinosaur",
    "🦖": "tyrannosaurus", "🐢": "turtle", "🦎": "lizard", "🐸": "frog", "🦀": "crab", "🦞": "lobster", "🦂": "scorpion", "🕷": "spider", "🐜": "ant",
    "🐛": "caterpillar", "🐞": "ladybug", "🐦": "bird", "🕊": "dove", "🦅": "eagle", "🦆": "duck", "🪿": "goose", "🦢": "swan", "🦩": "flamingo",
    "🦜": "parrot", "🦉": "owl", "🦚": "peacock", "🦃": "turkey", "🐓": "rooster", "🐔": "chicken", "🐤": "chick", "🐧": "penguin", "🦤": "dodo",
    "🦇": "bat", "🐝": "bee", "🦋": "butterfly", "🐟": "fish", "🐠": "tropical fish", "🐡": "pufferfish", "🦈": "shark", "🐬": "dolphin",
    "🐋": "whale", "🐙": "octopus", "🪼": "jellyfish", "🚗": "car", "🚙": "suv", "🚕": "taxi", "🚓": "police car", "🏎": "racing car", "🚌": "bus",
    "🚐": "minibus", "🚑": "ambulance", "🚒": "fire truck", "🚚": "truck", "🚛": "semi truck", "🛻": "pickup truck", "🚜": "tractor",
    "🛺": "rickshaw", "🚲": "bicycle", "🏍": "motorcycle", "🛵": "scooter", "🛴": "kick scooter", "🛹": "skateboard", "🛷": "sled", "🚂": "train",
    "🚄": "high-speed train", "🚋": "tram", "🎠": "carousel horse", "⛵": "boat", "🚤": "speedboat", "🛥": "motorboat", "🚢": "ship",
    "🛳": "cruise ship", "⛴": "ferry", "🛶": "canoe", "✈": "airplane", "🛩": "propeller plane", "🚁": "helicopter", "🚀": "rocket",
    "🛸": "flying saucer", "🪂": "parachute", "⚽": "sports ball", "🏀": "basketball", "🏐": "volleyball", "⚾": "baseball", "🏈": "american football",
    "🎱": "ball", "🥏": "frisbee", "🪀": "yo-yo", "🎈": "balloon", "🪁": "kite", "🏠": "house", "🏡": "house", "🏰": "castle", "⛪": "church",
    "🕌": "mosque", "🏫": "school", "🛖": "hut", "⛺": "tent", "🎪": "circus tent", "🎡": "ferris wheel", "⛲": "fountain", "🗽": "statue",
    "🗼": "tower", "🛝": "slide", "🪨": "rock", "🌳": "tree", "🌲": "fir tree", "🌴": "palm tree", "🎄": "christmas tree", "🌵": "cactus",
    "🪴": "potted plant", "🍁": "leaf", "🍄": "mushroom", "🌹": "rose", "🌷": "tulip", "🌻": "sunflower", "🌼": "flower", "💐": "bouquet",
    "⛄": "snowman", "🪑": "chair", "🛋": "couch", "🛏": "bed", "🚽": "toilet", "🛁": "bathtub", "🚪": "door", "🪞": "mirror", "🪜": "ladder",
    "📺": "tv", "🖥": "desktop computer", "💻": "laptop", "⌨": "keyboard", "📱": "cell phone", "📻": "radio", "📷": "camera", "🕰": "clock",
    "⏰": "alarm clock", "⌚": "watch", "🏺": "vase", "💡": "lamp", "🕯": "candle", "🔦": "flashlight", "🏮": "lantern", "🔔": "bell", "🔑": "key",
    "📕": "book", "📦": "box", "🎁": "gift", "🪣": "bucket", "🧺": "basket", "🧹": "broom", "✂": "scissors", "🪥": "toothbrush", "☂": "umbrella",
    "🎒": "backpack", "👜": "handbag", "🧳": "suitcase", "🛒": "shopping cart", "👔": "tie", "👗": "dress", "👕": "t-shirt", "👖": "jeans",
    "👟": "shoe", "👢": "boot", "🧣": "scarf", "🧤": "gloves", "🎩": "hat", "🧢": "cap", "👑": "crown", "🧸": "teddy bear", "🤖": "robot",
    "🛼": "roller skate", "🎿": "skis", "🎾": "tennis racket", "🥊": "boxing glove", "🏆": "trophy", "🎸": "guitar", "🎻": "violin", "🥁": "drum",
    "🎺": "trumpet", "⭐": "star", "💎": "diamond", "⚓": "anchor", "🚦": "traffic light", "🛑": "stop sign", "🧯": "fire extinguisher", "🍾": "bottle",
    "🍷": "wine glass", "☕": "cup", "🫖": "teapot", "🥛": "glass of milk", "🍴": "fork", "🔪": "knife", "🥄": "spoon", "🥣": "bowl", "🍌": "banana",
    "🍎": "apple", "🍊": "orange", "🍋": "lemon", "🍓": "strawberry", "🍒": "cherries", "🍇": "grapes", "🍉": "watermelon", "🍍": "pineapple",
    "🍅": "tomato", "🍆": "eggplant", "🌽": "corn", "🥦": "broccoli", "🥕": "carrot", "🎃": "pumpkin", "🥪": "sandwich", "🌭": "hot dog",
    "🍔": "hamburger", "🍕": "pizza", "🍞": "bread", "🥐": "croissant", "🧀": "cheese", "🥚": "egg", "🍩": "donut", "🎂": "cake", "🧁": "cupcake",
    "🍦": "ice cream", "🐶": "dog", "🐱": "cat", "😺": "cat", "😸": "cat", "🐴": "horse", "🐰": "rabbit", "🐥": "chick", "🚖": "taxi", "🚍": "bus",
    "🛫": "airplane", "🛬": "airplane", "☔": "umbrella", "🌂": "umbrella", "🍲": "bowl", "🕐": "clock", "⚱": "vase", "👨": "man", "🧑": "person",
    "👩": "woman", "👧": "girl", "👦": "boy", "🧒": "child", "👶": "child", "👴": "old man", "👵": "old woman",
}  # fmt: skip

SIGNS: Final[Mapping[str, tuple[str, str]]] = {  # other emoji: the table of `Phrases` and the key there
    "🏃": ("verbs", "run"), "🚶": ("verbs", "walk"), "💃": ("verbs", "dance"), "🕺": ("verbs", "dance"), "🏊": ("verbs", "swim"),
    "🏖": ("places", "beach"), "🏝": ("places", "beach"), "🏙": ("places", "city"), "🌆": ("places", "city"), "🏜": ("places", "desert"), "🏔": ("places", "mountains"),
    "⛰": ("places", "mountains"), "🏞": ("places", "park"), "🌊": ("places", "sea"), "🌙": ("daytimes", "night"), "🌃": ("daytimes", "night"), "🌌": ("daytimes", "night"),
    "🌅": ("daytimes", "sunset"), "🌇": ("daytimes", "sunset"), "☀": ("weathers", "clear"), "🌞": ("weathers", "clear"), "❄": ("weathers", "snow"), "🌨": ("weathers", "snow"),
    "🌧": ("weathers", "rain"), "⛈": ("weathers", "rain"), "🍂": ("weathers", "leaves"), "🍁": ("weathers", "leaves"), "🌫": ("weathers", "fog"),
    "🔴": ("colors", "red"), "🟢": ("colors", "green"), "🔵": ("colors", "blue"), "🟡": ("colors", "yellow"), "🟠": ("colors", "orange"), "🟣": ("colors", "purple"),
    "⚫": ("colors", "black"), "⚪": ("colors", "white"),
}  # fmt: skip

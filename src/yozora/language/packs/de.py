# ruff: noqa: E501 (tables: one thing a line)
"""German.

Nouns are name/gender m, f or n (mp, fp, np: a plural word)/plural/dative singular where it is not the nominative; the dative
plural follows the rule. Started from the names of Unicode CLDR annotations (Unicode licence v3), then corrected by hand.
Colours are stem/noun ("=": never declined), verbs participle/singular/plural; weathers' adjectives stand in the dative.
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import ends, group_of, noun_phrase, plain_verb, where
from yozora.language.pack import (
    CaptionPlan,
    Grammar,
    Group,
    LanguagePack,
    Name,
    Pen,
    Phrases,
    SentenceRules,
    Table,
    Wording,
)

NOUNS: Final[Table] = {
    "person": "Person/f/Personen|Mensch/m/Menschen/Menschen", "man": "Mann/m/Männer|Kerl/m/Kerle", "woman": "Frau/f/Frauen|Dame/f/Damen",
    "boy": "Junge/m/Jungen/Jungen|Bub/m/Buben/Buben", "girl": "Mädchen/n/Mädchen", "child": "Kind/n/Kinder",
    "old man": "Greis/m/Greise|Opa/m/Opas|Großvater/m/Großväter", "old woman": "Greisin/f/Greisinnen|Oma/f/Omas|Großmutter/f/Großmütter",
    "cyclist": "Radfahrer/m/Radfahrer|Fahrradfahrer/m/Fahrradfahrer", "superhero": "Superheld/m/Superhelden/Superhelden",
    "mermaid": "Meerjungfrau/f/Meerjungfrauen|Nixe/f/Nixen", "fairy": "Fee/f/Feen", "cat": "Katze/f/Katzen|Kätzchen/n/Kätzchen|Kater/m/Kater",
    "dog": "Hund/m/Hunde|Welpe/m/Welpen/Welpen", "golden retriever": "Golden Retriever/m/Golden Retriever|Retriever/m/Retriever",
    "poodle": "Pudel/m/Pudel", "horse": "Pferd/n/Pferde|Pony/n/Ponys", "sheep": "Schaf/n/Schafe|Lamm/n/Lämmer", "cow": "Kuh/f/Kühe",
    "elephant": "Elefant/m/Elefanten/Elefanten", "bear": "Bär/m/Bären/Bären", "zebra": "Zebra/n/Zebras", "giraffe": "Giraffe/f/Giraffen",
    "rabbit": "Kaninchen/n/Kaninchen|Hase/m/Hasen/Hasen", "mouse": "Maus/f/Mäuse", "rat": "Ratte/f/Ratten",
    "ox": "Ochse/m/Ochsen/Ochsen|Stier/m/Stiere", "buffalo": "Büffel/m/Büffel|Wasserbüffel/m/Wasserbüffel", "bison": "Bison/m/Bisons",
    "tiger": "Tiger/m/Tiger", "leopard": "Leopard/m/Leoparden/Leoparden|Gepard/m/Geparden/Geparden", "lion": "Löwe/m/Löwen/Löwen",
    "dragon": "Drache/m/Drachen/Drachen", "crocodile": "Krokodil/n/Krokodile|Alligator/m/Alligatoren", "snail": "Schnecke/f/Schnecken",
    "snake": "Schlange/f/Schlangen", "ram": "Widder/m/Widder", "goat": "Ziege/f/Ziegen", "monkey": "Affe/m/Affen/Affen",
    "pig": "Schwein/n/Schweine|Ferkel/n/Ferkel", "camel": "Kamel/n/Kamele|Dromedar/n/Dromedare", "squirrel": "Eichhörnchen/n/Eichhörnchen",
    "fox": "Fuchs/m/Füchse", "wolf": "Wolf/m/Wölfe", "panda": "Panda/m/Pandas", "koala": "Koala/m/Koalas",
    "raccoon": "Waschbär/m/Waschbären/Waschbären", "deer": "Hirsch/m/Hirsche|Reh/n/Rehe", "gorilla": "Gorilla/m/Gorillas",
    "rhinoceros": "Nashorn/n/Nashörner", "hippopotamus": "Nilpferd/n/Nilpferde|Flusspferd/n/Flusspferde", "kangaroo": "Känguru/n/Kängurus",
    "llama": "Lama/n/Lamas|Alpaka/n/Alpakas", "hedgehog": "Igel/m/Igel", "badger": "Dachs/m/Dachse", "skunk": "Stinktier/n/Stinktiere",
    "beaver": "Biber/m/Biber", "mammoth": "Mammut/n/Mammuts", "donkey": "Esel/m/Esel", "seal": "Seehund/m/Seehunde|Robbe/f/Robben",
    "dinosaur": "Dinosaurier/m/Dinosaurier|Sauropode/m/Sauropoden/Sauropoden", "tyrannosaurus": "Tyrannosaurus/m/Tyrannosaurier|T-Rex/m/T-Rex",
    "turtle": "Schildkröte/f/Schildkröten", "lizard": "Eidechse/f/Eidechsen|Gecko/m/Geckos", "frog": "Frosch/m/Frösche",
    "crab": "Krebs/m/Krebse|Krabbe/f/Krabben", "lobster": "Hummer/m/Hummer", "scorpion": "Skorpion/m/Skorpione", "spider": "Spinne/f/Spinnen",
    "ant": "Ameise/f/Ameisen", "caterpillar": "Raupe/f/Raupen", "ladybug": "Marienkäfer/m/Marienkäfer", "bird": "Vogel/m/Vögel|Singvogel/m/Singvögel",
    "seagull": "Möwe/f/Möwen", "dove": "Taube/f/Tauben", "eagle": "Adler/m/Adler|Falke/m/Falken/Falken", "duck": "Ente/f/Enten",
    "goose": "Gans/f/Gänse", "swan": "Schwan/m/Schwäne", "flamingo": "Flamingo/m/Flamingos", "parrot": "Papagei/m/Papageien/Papageien",
    "owl": "Eule/f/Eulen", "peacock": "Pfau/m/Pfauen", "turkey": "Truthahn/m/Truthähne|Pute/f/Puten", "rooster": "Hahn/m/Hähne",
    "chicken": "Huhn/n/Hühner|Henne/f/Hennen", "chick": "Küken/n/Küken", "penguin": "Pinguin/m/Pinguine", "dodo": "Dodo/m/Dodos",
    "bat": "Fledermaus/f/Fledermäuse", "bee": "Biene/f/Bienen", "butterfly": "Schmetterling/m/Schmetterlinge", "fish": "Fisch/m/Fische",
    "tropical fish": "Tropenfisch/m/Tropenfische", "pufferfish": "Kugelfisch/m/Kugelfische", "shark": "Hai/m/Haie", "dolphin": "Delfin/m/Delfine",
    "whale": "Wal/m/Wale", "octopus": "Oktopus/m/Oktopusse|Krake/m/Kraken/Kraken", "jellyfish": "Qualle/f/Quallen",
    "car": "Auto/n/Autos|Wagen/m/Wagen", "suv": "Geländewagen/m/Geländewagen|Jeep/m/Jeeps", "taxi": "Taxi/n/Taxis",
    "police car": "Polizeiwagen/m/Polizeiwagen|Polizeiauto/n/Polizeiautos", "racing car": "Rennauto/n/Rennautos|Rennwagen/m/Rennwagen",
    "bus": "Bus/m/Busse|Omnibus/m/Omnibusse", "minibus": "Kleinbus/m/Kleinbusse|Minibus/m/Minibusse", "ambulance": "Krankenwagen/m/Krankenwagen",
    "fire truck": "Feuerwehrauto/n/Feuerwehrautos", "truck": "Lastwagen/m/Lastwagen|Lieferwagen/m/Lieferwagen|Lkw/m/Lkws",
    "semi truck": "Sattelzug/m/Sattelzüge", "pickup truck": "Pick-up/m/Pick-ups", "tractor": "Traktor/m/Traktoren",
    "rickshaw": "Rikscha/f/Rikschas|Tuk-Tuk/n/Tuk-Tuks", "bicycle": "Fahrrad/n/Fahrräder|Rad/n/Räder", "motorcycle": "Motorrad/n/Motorräder",
    "scooter": "Motorroller/m/Motorroller|Moped/n/Mopeds", "kick scooter": "Tretroller/m/Tretroller",
    "skateboard": "Skateboard/n/Skateboards|Rollbrett/n/Rollbretter", "sled": "Schlitten/m/Schlitten",
    "train": "Zug/m/Züge|Dampflokomotive/f/Dampflokomotiven|Eisenbahn/f/Eisenbahnen",
    "high-speed train": "Hochgeschwindigkeitszug/m/Hochgeschwindigkeitszüge|Schnellzug/m/Schnellzüge", "tram": "Straßenbahn/f/Straßenbahnen",
    "carousel horse": "Karussellpferd/n/Karussellpferde", "boat": "Boot/n/Boote|Segelboot/n/Segelboote", "speedboat": "Schnellboot/n/Schnellboote",
    "motorboat": "Motorboot/n/Motorboote|Jacht/f/Jachten", "ship": "Schiff/n/Schiffe|Dampfer/m/Dampfer",
    "cruise ship": "Kreuzfahrtschiff/n/Kreuzfahrtschiffe|Passagierschiff/n/Passagierschiffe", "ferry": "Fähre/f/Fähren",
    "canoe": "Kanu/n/Kanus|Ruderboot/n/Ruderboote", "airplane": "Flugzeug/n/Flugzeuge",
    "propeller plane": "Propellerflugzeug/n/Propellerflugzeuge|Kleinflugzeug/n/Kleinflugzeuge", "helicopter": "Hubschrauber/m/Hubschrauber",
    "rocket": "Rakete/f/Raketen|Raumschiff/n/Raumschiffe", "flying saucer": "Ufo/n/Ufos|Untertasse/f/Untertassen",
    "parachute": "Fallschirm/m/Fallschirme", "sports ball": "Fußball/m/Fußbälle|Ball/m/Bälle", "basketball": "Basketball/m/Basketbälle",
    "volleyball": "Volleyball/m/Volleybälle", "baseball": "Baseball/m/Basebälle", "american football": "Football/m/Footbälle|Rugbyball/m/Rugbybälle",
    "ball": "Billardkugel/f/Billardkugeln", "frisbee": "Frisbee/n/Frisbees|Wurfscheibe/f/Wurfscheiben", "yo-yo": "Jo-Jo/n/Jo-Jos",
    "balloon": "Luftballon/m/Luftballons|Ballon/m/Ballons", "kite": "Flugdrachen/m/Flugdrachen|Papierdrachen/m/Papierdrachen",
    "house": "Haus/n/Häuser", "cottage": "Landhaus/n/Landhäuser|Ferienhaus/n/Ferienhäuser", "castle": "Schloss/n/Schlösser|Burg/f/Burgen",
    "church": "Kirche/f/Kirchen", "mosque": "Moschee/f/Moscheen", "school": "Schule/f/Schulen", "hut": "Hütte/f/Hütten", "tent": "Zelt/n/Zelte",
    "circus tent": "Zirkuszelt/n/Zirkuszelte", "ferris wheel": "Riesenrad/n/Riesenräder",
    "fountain": "Springbrunnen/m/Springbrunnen|Brunnen/m/Brunnen", "statue": "Statue/f/Statuen|Freiheitsstatue/f/Freiheitsstatuen",
    "tower": "Turm/m/Türme", "slide": "Rutsche/f/Rutschen|Spielplatzrutsche/f/Spielplatzrutschen", "rock": "Felsen/m/Felsen|Stein/m/Steine",
    "tree": "Baum/m/Bäume|Laubbaum/m/Laubbäume", "fir tree": "Tanne/f/Tannen|Nadelbaum/m/Nadelbäume|Kiefer/f/Kiefern", "palm tree": "Palme/f/Palmen",
    "christmas tree": "Weihnachtsbaum/m/Weihnachtsbäume|Christbaum/m/Christbäume", "cactus": "Kaktus/m/Kakteen",
    "potted plant": "Topfpflanze/f/Topfpflanzen", "leaf": "Blatt/n/Blätter|Ahornblatt/n/Ahornblätter",
    "mushroom": "Pilz/m/Pilze|Fliegenpilz/m/Fliegenpilze", "rose": "Rose/f/Rosen", "tulip": "Tulpe/f/Tulpen",
    "sunflower": "Sonnenblume/f/Sonnenblumen", "flower": "Blume/f/Blumen|Blüte/f/Blüten", "bouquet": "Blumenstrauß/m/Blumensträuße",
    "snowman": "Schneemann/m/Schneemänner", "chair": "Stuhl/m/Stühle", "couch": "Sofa/n/Sofas|Couch/f/Couches", "bed": "Bett/n/Betten",
    "toilet": "Toilette/f/Toiletten", "bathtub": "Badewanne/f/Badewannen", "door": "Tür/f/Türen", "mirror": "Spiegel/m/Spiegel",
    "ladder": "Leiter/f/Leitern", "tv": "Fernseher/m/Fernseher",
    "desktop computer": "Computer/m/Computer|Desktopcomputer/m/Desktopcomputer|Rechner/m/Rechner", "laptop": "Laptop/m/Laptops|Notebook/n/Notebooks",
    "keyboard": "Tastatur/f/Tastaturen", "cell phone": "Mobiltelefon/n/Mobiltelefone|Handy/n/Handys|Telefon/n/Telefone", "radio": "Radio/n/Radios",
    "camera": "Fotoapparat/m/Fotoapparate|Fotokamera/f/Fotokameras", "clock": "Uhr/f/Uhren|Kaminuhr/f/Kaminuhren", "alarm clock": "Wecker/m/Wecker",
    "watch": "Armbanduhr/f/Armbanduhren", "vase": "Vase/f/Vasen|Amphore/f/Amphoren", "lamp": "Glühbirne/f/Glühbirnen|Lampe/f/Lampen",
    "candle": "Kerze/f/Kerzen", "flashlight": "Taschenlampe/f/Taschenlampen", "lantern": "Laterne/f/Laternen|Papierlaterne/f/Papierlaternen",
    "bell": "Glocke/f/Glocken", "key": "Schlüssel/m/Schlüssel", "book": "Buch/n/Bücher",
    "box": "Paket/n/Pakete|Karton/m/Kartons|Schachtel/f/Schachteln", "gift": "Geschenk/n/Geschenke", "bucket": "Eimer/m/Eimer",
    "basket": "Korb/m/Körbe", "broom": "Besen/m/Besen", "scissors": "Schere/f/Scheren", "toothbrush": "Zahnbürste/f/Zahnbürsten",
    "umbrella": "Regenschirm/m/Regenschirme|Schirm/m/Schirme|Sonnenschirm/m/Sonnenschirme",
    "backpack": "Rucksack/m/Rucksäcke|Schulranzen/m/Schulranzen", "handbag": "Handtasche/f/Handtaschen",
    "suitcase": "Koffer/m/Koffer|Reisetasche/f/Reisetaschen", "shopping cart": "Einkaufswagen/m/Einkaufswagen", "tie": "Krawatte/f/Krawatten",
    "dress": "Kleid/n/Kleider", "t-shirt": "T-Shirt/n/T-Shirts", "jeans": "Jeans/fp/Jeans", "shoe": "Schuh/m/Schuhe|Sportschuh/m/Sportschuhe",
    "boot": "Stiefel/m/Stiefel", "scarf": "Schal/m/Schals|Halstuch/n/Halstücher", "gloves": "Handschuhe/mp/Handschuhe",
    "hat": "Hut/m/Hüte|Zylinder/m/Zylinder", "cap": "Mütze/f/Mützen|Baseballmütze/f/Baseballmützen", "crown": "Krone/f/Kronen",
    "teddy bear": "Teddybär/m/Teddybären/Teddybären|Teddy/m/Teddys", "robot": "Roboter/m/Roboter", "roller skate": "Rollschuh/m/Rollschuhe",
    "skis": "Skier/mp/Skier", "tennis racket": "Tennisschläger/m/Tennisschläger", "boxing glove": "Boxhandschuh/m/Boxhandschuhe",
    "trophy": "Pokal/m/Pokale", "guitar": "Gitarre/f/Gitarren", "violin": "Geige/f/Geigen|Violine/f/Violinen", "drum": "Trommel/f/Trommeln",
    "trumpet": "Trompete/f/Trompeten", "star": "Stern/m/Sterne", "diamond": "Edelstein/m/Edelsteine|Diamant/m/Diamanten/Diamanten",
    "anchor": "Anker/m/Anker", "traffic light": "Verkehrsampel/f/Verkehrsampeln|Ampel/f/Ampeln", "stop sign": "Stoppschild/n/Stoppschilder",
    "fire extinguisher": "Feuerlöscher/m/Feuerlöscher", "bottle": "Flasche/f/Flaschen|Sektflasche/f/Sektflaschen",
    "wine glass": "Weinglas/n/Weingläser", "cup": "Tasse/f/Tassen|Kaffeetasse/f/Kaffeetassen", "teapot": "Teekanne/f/Teekannen",
    "glass of milk": "Milchglas/n/Milchgläser", "fork": "Gabel/f/Gabeln", "knife": "Messer/n/Messer|Küchenmesser/n/Küchenmesser",
    "spoon": "Löffel/m/Löffel", "bowl": "Schüssel/f/Schüsseln|Schale/f/Schalen", "banana": "Banane/f/Bananen", "apple": "Apfel/m/Äpfel",
    "orange": "Mandarine/f/Mandarinen|Apfelsine/f/Apfelsinen", "lemon": "Zitrone/f/Zitronen", "strawberry": "Erdbeere/f/Erdbeeren",
    "cherries": "Kirschen/fp/Kirschen", "grapes": "Trauben/fp/Trauben|Weintraube/f/Weintrauben", "watermelon": "Wassermelone/f/Wassermelonen",
    "pineapple": "Ananas/f/Ananas", "tomato": "Tomate/f/Tomaten", "eggplant": "Aubergine/f/Auberginen", "corn": "Maiskolben/m/Maiskolben",
    "broccoli": "Brokkoli/m/Brokkolis", "carrot": "Karotte/f/Karotten|Möhre/f/Möhren",
    "pumpkin": "Kürbis/m/Kürbisse|Halloweenkürbis/m/Halloweenkürbisse", "sandwich": "Sandwich/n/Sandwiches", "hot dog": "Hotdog/m/Hotdogs",
    "hamburger": "Hamburger/m/Hamburger|Burger/m/Burger", "pizza": "Pizza/f/Pizzas|Pizzastück/n/Pizzastücke", "bread": "Brot/n/Brote",
    "croissant": "Croissant/n/Croissants", "cheese": "Käsestück/n/Käsestücke|Käse/m/Käse", "egg": "Ei/n/Eier", "donut": "Donut/m/Donuts",
    "cake": "Kuchen/m/Kuchen|Torte/f/Torten|Geburtstagskuchen/m/Geburtstagskuchen", "cupcake": "Cupcake/m/Cupcakes|Muffin/m/Muffins",
    "ice cream": "Softeis/n/Softeis|Eis/n/Eis|Eistüte/f/Eistüten",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "rot/Rot", "green": "grün/Grün", "blue": "blau/Blau", "yellow": "gelb/Gelb", "orange": "orangefarben/Orange", "purple": "violett/Violett|lila=/Lila",
        "pink": "rosa=/Rosa|rosafarben/Rosa", "black": "schwarz/Schwarz", "white": "weiß/Weiß",
    },
    numbers={"2": "zwei", "3": "drei", "4": "vier"},
    verbs={
        "move": "sich bewegend/bewegt sich/bewegen sich", "play": "spielend/spielt/spielen", "stand": "stehend/steht/stehen", "stand:thing": "stehend/steht/stehen|ruhend/ruht/ruhen",
        "stand:balloon": "schwebend/schwebt/schweben", "stand:ball": "liegend/liegt/liegen", "stand:fish": "schwebend/schwebt/schweben",
        "walk": "gehend/geht/gehen|spazierend/spaziert/spazieren", "run": "rennend/rennt/rennen|laufend/läuft/laufen", "hop": "springend/springt/springen|hüpfend/hüpft/hüpfen",
        "dance": "tanzend/tanzt/tanzen", "fly": "fliegend/fliegt/fliegen", "fly:balloon": "schwebend/schwebt/schweben|fliegend/fliegt/fliegen",
        "drive": "fahrend/fährt/fahren", "ride": "rollend/rollt/rollen|fahrend/fährt/fahren", "ride:person": "radelnd/radelt/radeln|Rad fahrend/fährt Rad/fahren Rad",
        "sail": "segelnd/segelt/segeln|fahrend/fährt/fahren", "swim": "schwimmend/schwimmt/schwimmen", "roll": "rollend/rollt/rollen",
        "bounce": "auf und ab springend/springt auf und ab/springen auf und ab|abprallend/prallt ab/prallen ab", "rise": "steigend/steigt/steigen|nach oben steigend/steigt nach oben/steigen nach oben",
        "fall": "fallend/fällt/fallen|stürzend/stürzt/stürzen",
    },
    directions={
        "left": "nach links|von rechts nach links", "right": "nach rechts|von links nach rechts", "towards": "auf die Kamera zu|in Richtung der Kamera",
        "away": "von der Kamera weg|in die Ferne",
    },
    places={
        "park": "in einem Park|im Park|auf der Wiese eines Parks", "beach": "am Strand|an einem Strand|auf einem Sandstrand", "city": "auf einer Straße in der Stadt|in der Stadt|in einer Stadt|in einer belebten Straße",
        "snow": "auf einem verschneiten Feld|in einer verschneiten Landschaft|auf einem schneebedeckten Feld", "desert": "in der Wüste|in einer Wüste|zwischen Sanddünen",
        "sea": "auf dem Meer|auf See|im Meer|auf dem Ozean", "mountains": "in den Bergen|vor den Bergen|im Gebirge", "room": "in einem Zimmer|in einem Wohnzimmer|im Haus|in einem Raum",
    },
    through={
        "park": "durch einen Park|durch den Park", "beach": "den Strand entlang|über den Strand", "city": "durch die Stadt|durch eine belebte Stadt", "snow": "durch ein verschneites Feld",
        "desert": "durch die Wüste", "mountains": "durch die Berge",
    },
    weather_in={
        "park": "in einem {} Park", "beach": "an einem {} Strand", "city": "in einer {} Stadt|auf einer {} Straße", "desert": "in einer {} Wüste", "sea": "auf einem {} Meer",
        "mountains": "in den {} Bergen",
    },
    adjectives={"snow": "verschneiten", "rain": "verregneten|regnerischen", "fog": "nebligen"},
    stages={
        "park": "ein ruhiger Park|ein Park mit Bäumen", "beach": "ein friedlicher Strand|ein schöner Strand|ein Sandstrand", "city": "eine Straße in der Stadt|eine belebte Stadt|eine ruhige Straße",
        "snow": "ein verschneites Feld|ein schneebedecktes Feld", "desert": "eine weite Wüste|eine Wüste mit Sanddünen", "sea": "das offene Meer|ein ruhiges Meer|der Ozean",
        "mountains": "eine Berglandschaft|majestätische Berge", "room": "ein gemütliches Zimmer|ein Wohnzimmer",
    },
    waves={"beach": "sanft brechenden Wellen|sanften Wellen", "sea": "sanften Wellen|ruhigen Wellen"},
    daytimes={"day": "am Tag|bei Tageslicht|tagsüber", "sunset": "bei Sonnenuntergang|in der Abenddämmerung|am Abend", "night": "bei Nacht|in der Nacht|nachts|im Mondlicht"},
    weathers={
        "clear": "unter klarem Himmel|bei klarem Wetter", "snow": "im Schnee|bei Schneefall|im fallenden Schnee", "rain": "im Regen|bei Regen|bei starkem Regen",
        "leaves": "zwischen fallenden Herbstblättern|bei fallendem Herbstlaub", "fog": "im Nebel|bei dichtem Nebel|im Dunst",
    },
    cameras={
        "static": "feste Kamera|statische Kamera", "pan left": "die Kamera schwenkt nach links|Kameraschwenk nach links", "pan right": "die Kamera schwenkt nach rechts|Kameraschwenk nach rechts",
        "tilt up": "die Kamera neigt sich nach oben|Kameraneigung nach oben", "tilt down": "die Kamera neigt sich nach unten|Kameraneigung nach unten",
        "zoom in": "die Kamera zoomt heran|Zoom heran", "zoom out": "die Kamera zoomt heraus|Zoom heraus",
    },
    styles={
        "paper": "Papiertheater|im Scherenschnittstil", "cartoon": "Zeichentrickstil|im Stil eines Zeichentrickfilms|Zeichentrick", "noir": "schwarz-weiß|Film noir in Schwarz-Weiß|in Schwarz-Weiß",
        "vintage": "alter Film|im Retrostil in Sepia|Vintage-Film", "watercolor": "Aquarell|im Stil eines Aquarells|Aquarellmalerei", "pixel": "Pixelkunst|Pixel-Art|im Pixelstil",
    },
    relations={
        "left of": "links von|links neben", "right of": "rechts von|rechts neben", "on top of": "auf|über", "behind": "hinter", "in front of": "vor", "on the bottom of": "unter|unterhalb von",
    },
    behind={
        "tree": "verschwindet hinter einem Baum und taucht wieder auf|hinter einem Baum vorbei", "rock": "verschwindet hinter einem Felsen und taucht wieder auf|hinter einem Felsen vorbei",
        "pillar": "verschwindet hinter einer Säule und taucht wieder auf|hinter einer Säule vorbei",
    },
    views={"overhead": "am Himmel|in der Luft", "front": "Vorderansicht|Frontalansicht"},
    glue="ein eine einen einem einer eines der die das den dem des und mit in im an am auf zu zur zum bei von vor für sich es gibt ist sind dort dass wie Kleid Kleider Kleidern "
    "Kleidung Hemd Hemden Anzug mehrere einige viele dieser diese dieses sein seine ihr ihre Video Film Szene Aufnahme zeigt neben sehr groß große großer kleines kleine kleiner "
    "klein jung junge schön schöne",
    small="auch hier dort langsam schnell zusammen noch während",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    one, gender, many = fields[0], fields[1], fields[2]
    dative_many = many if many.endswith(("n", "s")) else many + "n"
    return Name(
        one=one,
        many=many,
        gender=gender[0],
        plural=gender.endswith("p"),
        oblique=fields[3] if len(fields) > 3 else one,
        oblique_many=dative_many,
    )


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "ein roter Hund", in the dative "einem roten Hund"."""
    return described(group, pen, oblique)


def described(group: Group, pen: Pen, oblique: bool, participle: str = "") -> str:
    """A noun with its article or number, a participle ("nach links laufend") and its colour, all declined."""
    name, ending = group.name, _ending(group, oblique)
    words = [participle + ending] if participle else []
    worn = ""
    if group.color:
        stem, named = pen.word("colors", group.color).split("/")
        if group.human:
            worn = " " + dressed(group, stem, named, pen)
        else:
            words.append(_declined(stem, ending))
    if group.many:
        words.append(name.oblique_many if oblique else name.many)
        number = [pen.word("numbers", str(group.count))] if group.count > 1 else []
        return " ".join([*number, *words]) + worn
    words.append(name.oblique if oblique else name.one)
    article = {"m": "einem", "f": "einer", "n": "einem"} if oblique else {"m": "ein", "f": "eine", "n": "ein"}
    return " ".join([article[name.gender], *words]) + worn


def _ending(group: Group, oblique: bool) -> str:
    if oblique:
        return "en"
    return "e" if group.many else {"m": "er", "f": "e", "n": "es"}[group.name.gender]


def _declined(stem: str, ending: str) -> str:
    return stem[:-1] if stem.endswith("=") else stem + ending


def dressed(group: Group, stem: str, named: str, pen: Pen) -> str:
    options = f"in {named}|in {_declined(stem, 'er')} Kleidung"
    if group.costumed:
        return pen.of(options)
    red = _declined(stem, "en")
    if group.woman:
        options += f"|in {red} Kleidern" if group.many else f"|in einem {red} Kleid"
    else:
        options += f"|in {red} Hemden" if group.many else f"|in einem {red} Hemd"
    return pen.of(options)


def _declined_forms() -> str:
    """Every form of the colours and participles."""
    stems = [one.split("/")[0] for text in PHRASES.colors.values() for one in text.split("|")]
    stems += [one.split("/")[0] for text in PHRASES.verbs.values() for one in text.split("|")]
    return " ".join(_declined(stem, ending) for stem in stems for ending in ("e", "en", "er", "es", "em"))


def sentence(plan: CaptionPlan, pen: Pen) -> str:
    """ "bei Nacht läuft ein roter Hund durch den Park nach links, die Kamera zoomt heran"."""
    said, last = plan.said, ends(plan, pen)
    if said.get("noun", "none") == "none":
        return ", ".join([stage(plan, pen), *last] if "place" in said else last)
    group = group_of(plan, pen)
    if "place" in said and "relation" not in said and not plan.playing and pen.chance(0.12):
        return ", ".join([stage(plan, pen, group), *last])
    place, told = where(plan, pen)
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said and not told else ""
    main = clause(plan, group, pen, [time, weather, place])
    if "noun2" in said and not (plan.together or plan.playing or "relation" in said):
        main += f", mit {noun_phrase(group_of(plan, pen, '2'), pen, True)}"
    return ", ".join([main, *last])


def clause(plan: CaptionPlan, group: Group, pen: Pen, around: list[str]) -> str:
    """Who does what; time, weather and place stand before the direction, or one of them before the verb."""
    said = plan.said
    way = pen.word("directions", said["direction"]) if "direction" in said else ""
    if "relation" in said:
        return _words(related(plan, group, pen), *around)
    if plan.playing:
        other = noun_phrase(group_of(plan, pen, "2"), pen, True)
        return _words(noun_phrase(group, pen), plain_verb(plan, group, pen, "play", True), "mit", other, *around)
    acts = "action" in said or "direction" in said
    if acts and not plan.together and not group.called and pen.chance(0.3):
        return _words(described(group, pen, False, _doing(plan, group, pen, way)), *around)
    subject = noun_phrase(group, pen)
    if plan.together:
        subject += f" und {noun_phrase(group_of(plan, pen, '2'), pen)}"
    if not acts:
        return _words(subject, *around)
    verb = plain_verb(plan, group, pen, said.get("action", "move"), True)
    first = next((part for part in around if part), "")
    if first and pen.chance(0.3) and (" " not in verb or verb.endswith(" sich")):
        return _words(first, verb, subject, *(part for part in around if part != first), way)
    return _words(subject, verb, *around, way)


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _doing(plan: CaptionPlan, group: Group, pen: Pen, way: str) -> str:
    """ "nach links laufend", to be declined."""
    participle = plain_verb(plan, group, pen, plan.said.get("action", "move"), False)
    if participle.startswith("sich "):
        return _words("sich", way, participle.removeprefix("sich "))
    return _words(way, participle)


def related(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    relation, swapped = plan.said["relation"], False
    if relation == "on top of" and pen.chance(0.25):
        relation, swapped = "on the bottom of", True
    other = group_of(plan, pen, "2")
    first, second = (other, group) if swapped else (group, other)
    return f"{noun_phrase(first, pen)} {pen.word('relations', relation)} {noun_phrase(second, pen, True)}"


def stage(plan: CaptionPlan, pen: Pen, group: Group | None = None) -> str:
    """ "ein ruhiger Park bei Nacht mit einem nach links laufenden Hund"."""
    said = plan.said
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said else ""
    things = [pen.word("waves", said["place"])] if said["place"] in ("beach", "sea") and pen.chance(0.6) else []
    if group is not None:
        way = pen.word("directions", said["direction"]) if "direction" in said else ""
        acts = "action" in said or "direction" in said
        doing = _doing(plan, group, pen, way) if acts and not group.called else ""
        things.append(group.called or described(group, pen, True, doing))
        if "noun2" in said:
            things.append(noun_phrase(group_of(plan, pen, "2"), pen, True))
    text = _words(pen.word("stages", said["place"]), time, weather)
    return f"{text} mit {' und '.join(things)}" if things else text


GERMAN: Final = LanguagePack(
    key="de",
    title="German",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(write=sentence, noun_phrase=noun, verb=plain_verb, conjunctions=("mit", " und "), inflected=_declined_forms),
    wording=Wording(
        synonyms=(
            ("noun", "child", "Kind", "Baby|Säugling|Kleinkind|Knirps"), ("noun", "child", "Kinder", "Babys|Säuglinge|Kleinkinder"),
            ("noun", "man", "Mann", "Herr|Vater|Papa|Typ"), ("noun", "man", "Männer", "Herren|Väter"), ("noun", "woman", "Frau", "Mutter|Mama"),
            ("noun", "woman", "Frauen", "Mütter"), ("noun", "dog", "Hund", "Hündin|Hündchen|Köter"), ("noun", "dog", "~Hund", "Labrador|Schäferhund|Dackel"),
            ("noun", "cat", "Katze", "Mieze|Stubentiger"), ("noun", "horse", "Pferd", "Stute|Hengst|Fohlen"), ("noun", "bird", "~Vogel", "Spatz|Amsel|Krähe|Rabe|Schwalbe"),
            ("noun", "car", "Auto", "Pkw|Fahrzeug|Limousine"), ("noun", "car", "Autos", "Pkws|Fahrzeuge|Limousinen"), ("noun", "airplane", "Flugzeug", "Flieger|Passagierflugzeug"),
            ("noun", "tree", "~Baum", "Eiche|Birke|Weide|Apfelbaum"), ("noun", "house", "Haus", "Villa|Wohnhaus|Gebäude"), ("noun", "chair", "~Stuhl", "Sessel|Hocker"),
            ("color", "red", "roter", "scharlachroter|dunkelroter"), ("color", "yellow", "gelber", "goldener|blonder"), ("color", "white", "~weißer", "silberner"),
            ("action", "stand", "~steht", "sitzt|schläft|wartet"), ("action", "run", "rennt", "galoppiert|trabt|joggt|sprintet"), ("action", "walk", "geht", "wandert|schlendert|marschiert"),
            ("place", "park", "im Park", "im Garten|auf der Wiese"), ("place", "park", "~im Park", "im Wald|im Dschungel"), ("place", "sea", "~im Meer", "im See|im Fluss|im Teich"),
            ("place", "room", "~in einem Zimmer", "in der Küche|im Büro|im Badezimmer"), ("place", "city", "in der Stadt", "im Dorf|auf der Autobahn"),
            ("weather", "clear", "+unter klarem Himmel", "sonnig|sonniges Wetter"), ("weather", "rain", "+im Regen", "Gewitter|Sturm"), ("weather", "snow", "+im Schnee", "Schneesturm"),
            ("style", "cartoon", "+Zeichentrickstil", "Anime|Comic"), ("style", "noir", "+in Schwarz-Weiß", "monochrom"),
            ("count", "2", "zwei", "ein Paar|2"), ("count", "3", "drei", "3"), ("count", "4", "vier", "4"),
        ),
        dropped="nur|lediglich|bloß|nichts als",
        unknown_places="Mond|der Mond|auf dem Mond|Mars|Weltraum|Weltall|Stadion|Flughafen|Museum|Krankenhaus|Supermarkt|Höhle|Vulkan|Fabrik|Brücke|Theater|unter Wasser",
        many="fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|ein Dutzend|zwanzig|fünfzig|hundert|Hunderte von|Tausende von",
        units=frozenset({"sekunde", "sekunden", "minute", "minuten", "stunde", "stunden"}),
        negators="ohne jeden|ohne jede|ohne|kein|keine|keinen|keinem|keiner|nicht|nie|niemand|es gibt keine|es gibt keinen|es gibt kein",
        negation_stops="in im an am auf bei mit von vor über unter hinter neben aber nur während durch zwischen der die das ist sind sondern",
        denying=frozenset({"niemand"}),
        ands=frozenset({"und"}),
        articles=frozenset({"ein", "eine", "einen", "einem", "einer", "der", "die", "das", "den", "zwei", "drei", "vier"}),
        affirmed=frozenset({"nur", "bloß", "bloss"}),
    ),
    sentences=SentenceRules(
        labels=r"szene|einstellung|aufnahme",
        cut=r"(?:und\s+)?(?:dann\s+)?(?:schnitt|wir\s+schneiden|die\s+Kamera\s+schneidet)\s+(?:auf|zu|zur|zum)\b",
        flow=r"(?:und\s+)?(?:dann|danach|anschließend|daraufhin)\b",
        never_last=r"hr|fr|nr|z\.b|d\.h|bzw|usw|dipl",
        determiners=r"eine?[nmrs]?|der|die|das|den|dem|zwei|drei|vier|mehrere|viele|dieser?|sein|seine|ihr|ihre",
        not_after=r"seit|bis",
        settings=r"\b(?:in|im|an|am|auf|unter|über|vor|hinter|neben|zwischen|bei|durch|strand|park|stadt|straße|wüste|meer|ozean|berge?n?|zimmer|raum|wald|himmel)\b",
    ),
    marks="äöüß",
)  # fmt: skip

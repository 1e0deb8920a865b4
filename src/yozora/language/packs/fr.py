# ruff: noqa: E501 (tables: one thing a line)
"""French.

Nouns are name/gender m or f (mp, fp: a plural word)/plural; a plural that is left out follows the rule. Started from the
names of Unicode CLDR annotations (Unicode licence v3), then corrected by hand. Colours are m/f/mp/fp, verbs
participle/singular/plural.
"""

import re
from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import plain_verb, sentence
from yozora.language.pack import Grammar, Group, LanguagePack, Name, Pen, Phrases, SentenceRules, Table, Wording

NOUNS: Final[Table] = {
    "person": "personne/f", "man": "homme/m|monsieur/m/messieurs", "woman": "femme/f|jeune femme/f/jeunes femmes|dame/f", "boy": "garçon/m",
    "girl": "fille/f|fillette/f", "child": "enfant/m|gamin/m", "old man": "vieil homme/m/vieux hommes|vieillard/m|grand-père/m/grands-pères",
    "old woman": "vieille femme/f/vieilles femmes|vieille dame/f/vieilles dames|grand-mère/f/grands-mères", "cyclist": "cycliste/m",
    "superhero": "super-héros/m", "mermaid": "sirène/f", "fairy": "fée/f", "cat": "chat/m|chaton/m", "dog": "chien/m|chiot/m",
    "golden retriever": "golden retriever/m|retriever/m", "poodle": "caniche/m", "horse": "cheval/m|poney/m", "sheep": "mouton/m|agneau/m",
    "cow": "vache/f", "elephant": "éléphant/m", "bear": "ours/m", "zebra": "zèbre/m", "giraffe": "girafe/f", "rabbit": "lapin/m|lièvre/m",
    "mouse": "souris/f", "rat": "rat/m", "ox": "bœuf/m|taureau/m", "buffalo": "buffle/m", "bison": "bison/m", "tiger": "tigre/m",
    "leopard": "léopard/m|guépard/m", "lion": "lion/m", "dragon": "dragon/m", "crocodile": "crocodile/m|alligator/m", "snail": "escargot/m",
    "snake": "serpent/m", "ram": "bélier/m", "goat": "chèvre/f", "monkey": "singe/m", "pig": "cochon/m|porc/m", "camel": "chameau/m|dromadaire/m",
    "squirrel": "écureuil/m", "fox": "renard/m", "wolf": "loup/m", "panda": "panda/m", "koala": "koala/m", "raccoon": "raton laveur/m/ratons laveurs",
    "deer": "cerf/m|biche/f", "gorilla": "gorille/m", "rhinoceros": "rhinocéros/m", "hippopotamus": "hippopotame/m", "kangaroo": "kangourou/m",
    "llama": "lama/m|alpaga/m", "hedgehog": "hérisson/m", "badger": "blaireau/m", "skunk": "mouffette/f", "beaver": "castor/m",
    "mammoth": "mammouth/m", "donkey": "âne/m", "seal": "phoque/m", "dinosaur": "dinosaure/m|sauropode/m", "tyrannosaurus": "tyrannosaure/m|t-rex/m",
    "turtle": "tortue/f", "lizard": "lézard/m|gecko/m", "frog": "grenouille/f", "crab": "crabe/m", "lobster": "homard/m", "scorpion": "scorpion/m",
    "spider": "araignée/f", "ant": "fourmi/f", "caterpillar": "chenille/f", "ladybug": "coccinelle/f",
    "bird": "oiseau/m|petit oiseau/m/petits oiseaux", "seagull": "mouette/f|goéland/m", "dove": "colombe/f|pigeon/m", "eagle": "aigle/m|faucon/m",
    "duck": "canard/m", "goose": "oie/f", "swan": "cygne/m", "flamingo": "flamant/m|flamant rose/m/flamants roses", "parrot": "perroquet/m",
    "owl": "hibou/m|chouette/f", "peacock": "paon/m", "turkey": "dindon/m|dinde/f", "rooster": "coq/m", "chicken": "poule/f|poulet/m",
    "chick": "poussin/m", "penguin": "pingouin/m|manchot/m", "dodo": "dodo/m", "bat": "chauve-souris/f/chauves-souris", "bee": "abeille/f",
    "butterfly": "papillon/m", "fish": "poisson/m", "tropical fish": "poisson tropical/m/poissons tropicaux",
    "pufferfish": "poisson-lune/m/poissons-lunes|poisson-globe/m/poissons-globes", "shark": "requin/m", "dolphin": "dauphin/m", "whale": "baleine/f",
    "octopus": "pieuvre/f|poulpe/m", "jellyfish": "méduse/f", "car": "voiture/f|automobile/f|auto/f", "suv": "suv/m/suv|tout-terrain/m",
    "taxi": "taxi/m", "police car": "voiture de police/f/voitures de police", "racing car": "voiture de course/f/voitures de course",
    "bus": "bus/m|autobus/m|autocar/m", "minibus": "minibus/m|fourgonnette/f", "ambulance": "ambulance/f",
    "fire truck": "camion de pompier/m/camions de pompier|camion de pompiers/m/camions de pompiers", "truck": "camion/m",
    "semi truck": "semi-remorque/m|gros camion/m/gros camions", "pickup truck": "pick-up/m/pick-up|camionnette/f", "tractor": "tracteur/m",
    "rickshaw": "pousse-pousse/m/pousse-pousse|tuk tuk/m", "bicycle": "vélo/m|bicyclette/f", "motorcycle": "moto/f|motocyclette/f",
    "scooter": "scooter/m|mobylette/f", "kick scooter": "trottinette/f", "skateboard": "planche à roulettes/f/planches à roulettes|skateboard/m",
    "sled": "luge/f|traîneau/m", "train": "train/m|locomotive/f", "high-speed train": "tgv/m/tgv|train à grande vitesse/m/trains à grande vitesse",
    "tram": "tramway/m|tram/m", "carousel horse": "cheval de manège/m/chevaux de manège",
    "boat": "bateau/m|voilier/m|bateau à voile/m/bateaux à voile", "speedboat": "hors-bord/m/hors-bord|vedette rapide/f/vedettes rapides",
    "motorboat": "bateau à moteur/m/bateaux à moteur|yacht/m", "ship": "navire/m|bateau à vapeur/m/bateaux à vapeur",
    "cruise ship": "paquebot/m|bateau de croisière/m/bateaux de croisière", "ferry": "ferry/m|traversier/m", "canoe": "canoë/m|barque/f",
    "airplane": "avion/m", "propeller plane": "petit avion/m/petits avions|avion à hélice/m/avions à hélice", "helicopter": "hélicoptère/m",
    "rocket": "fusée/f|vaisseau spatial/m/vaisseaux spatiaux", "flying saucer": "soucoupe volante/f/soucoupes volantes|ovni/m",
    "parachute": "parachute/m", "sports ball": "ballon de football/m/ballons de football|ballon de foot/m/ballons de foot|ballon/m",
    "basketball": "ballon de basket/m/ballons de basket", "volleyball": "ballon de volley-ball/m/ballons de volley-ball",
    "baseball": "balle de baseball/f/balles de baseball",
    "american football": "ballon de football américain/m/ballons de football américain|ballon de rugby/m/ballons de rugby",
    "ball": "boule de billard/f/boules de billard", "frisbee": "disque volant/m/disques volants|frisbee/m", "yo-yo": "yoyo/m|yo-yo/m/yo-yo",
    "balloon": "ballon gonflable/m/ballons gonflables|ballon de baudruche/m/ballons de baudruche", "kite": "cerf-volant/m/cerfs-volants",
    "house": "maison/f", "cottage": "petite maison/f/petites maisons|maison de campagne/f/maisons de campagne", "castle": "château/m",
    "church": "église/f", "mosque": "mosquée/f", "school": "école/f", "hut": "hutte/f|cabane/f", "tent": "tente/f",
    "circus tent": "chapiteau/m|tente de cirque/f/tentes de cirque", "ferris wheel": "grande roue/f/grandes roues", "fountain": "fontaine/f",
    "statue": "statue/f|statue de la liberté/f/statues de la liberté", "tower": "tour/f", "slide": "toboggan/m", "rock": "rocher/m|pierre/f",
    "tree": "arbre/m", "fir tree": "sapin/m|conifère/m", "palm tree": "palmier/m",
    "christmas tree": "sapin de noël/m/sapins de noël|arbre de noël/m/arbres de noël", "cactus": "cactus/m",
    "potted plant": "plante en pot/f/plantes en pot", "leaf": "feuille/f|feuille d'érable/f/feuilles d'érable", "mushroom": "champignon/m",
    "rose": "rose/f", "tulip": "tulipe/f", "sunflower": "tournesol/m", "flower": "fleur/f|marguerite/f",
    "bouquet": "bouquet de fleurs/m/bouquets de fleurs|bouquet/m", "snowman": "bonhomme de neige/m/bonhommes de neige", "chair": "chaise/f",
    "couch": "canapé/m|sofa/m", "bed": "lit/m", "toilet": "toilettes/fp|cuvette/f", "bathtub": "baignoire/f", "door": "porte/f", "mirror": "miroir/m",
    "ladder": "échelle/f", "tv": "téléviseur/m|télévision/f", "desktop computer": "ordinateur de bureau/m/ordinateurs de bureau|ordinateur/m",
    "laptop": "ordinateur portable/m/ordinateurs portables", "keyboard": "clavier/m",
    "cell phone": "téléphone portable/m/téléphones portables|téléphone/m", "radio": "radio/f", "camera": "appareil photo/m/appareils photo",
    "clock": "pendule/f|horloge/f", "alarm clock": "réveil/m", "watch": "montre/f|montre-bracelet/f/montres-bracelets", "vase": "vase/m|amphore/f",
    "lamp": "ampoule/f|lampe/f", "candle": "bougie/f", "flashlight": "lampe torche/f/lampes torches|lampe de poche/f/lampes de poche",
    "lantern": "lanterne/f|lampion/m", "bell": "cloche/f|clochette/f", "key": "clé/f", "book": "livre/m", "box": "colis/m|boîte/f|carton/m",
    "gift": "cadeau/m", "bucket": "seau/m", "basket": "panier/m", "broom": "balai/m", "scissors": "ciseaux/mp",
    "toothbrush": "brosse à dents/f/brosses à dents", "umbrella": "parapluie/m|parasol/m", "backpack": "sac à dos/m/sacs à dos|cartable/m",
    "handbag": "sac à main/m/sacs à main", "suitcase": "valise/f|bagage/m", "shopping cart": "chariot/m|caddie/m", "tie": "cravate/f",
    "dress": "robe/f", "t-shirt": "t-shirt/m|tee-shirt/m", "jeans": "jean/m", "shoe": "chaussure/f|basket/f", "boot": "botte/f",
    "scarf": "écharpe/f|foulard/m", "gloves": "gants/mp", "hat": "chapeau/m|haut-de-forme/m/hauts-de-forme", "cap": "casquette/f",
    "crown": "couronne/f", "teddy bear": "ours en peluche/m/ours en peluche|nounours/m", "robot": "robot/m",
    "roller skate": "patin à roulettes/m/patins à roulettes", "skis": "skis/mp",
    "tennis racket": "raquette de tennis/f/raquettes de tennis|raquette/f", "boxing glove": "gant de boxe/m/gants de boxe", "trophy": "trophée/m",
    "guitar": "guitare/f", "violin": "violon/m", "drum": "tambour/m|batterie/f", "trumpet": "trompette/f", "star": "étoile/f",
    "diamond": "diamant/m|pierre précieuse/f/pierres précieuses", "anchor": "ancre/f",
    "traffic light": "feu tricolore/m/feux tricolores|feu de circulation/m/feux de circulation", "stop sign": "panneau stop/m/panneaux stop",
    "fire extinguisher": "extincteur/m", "bottle": "bouteille/f|bouteille de champagne/f/bouteilles de champagne",
    "wine glass": "verre de vin/m/verres de vin|verre à vin/m/verres à vin", "cup": "tasse/f|tasse de café/f/tasses de café", "teapot": "théière/f",
    "glass of milk": "verre de lait/m/verres de lait", "fork": "fourchette/f", "knife": "couteau/m", "spoon": "cuillère/f|cuiller/f",
    "bowl": "bol/m|saladier/m", "banana": "banane/f", "apple": "pomme/f", "orange": "orange/f|mandarine/f", "lemon": "citron/m",
    "strawberry": "fraise/f", "cherries": "cerises/fp", "grapes": "grappe de raisin/f/grappes de raisin|raisin/m", "watermelon": "pastèque/f",
    "pineapple": "ananas/m", "tomato": "tomate/f", "eggplant": "aubergine/f", "corn": "épi de maïs/m/épis de maïs|maïs/m", "broccoli": "brocoli/m",
    "carrot": "carotte/f", "pumpkin": "citrouille/f|potiron/m", "sandwich": "sandwich/m", "hot dog": "hot dog/m", "hamburger": "hamburger/m|burger/m",
    "pizza": "pizza/f|part de pizza/f/parts de pizza", "bread": "pain/m|miche de pain/f/miches de pain", "croissant": "croissant/m",
    "cheese": "fromage/m|part de fromage/f/parts de fromage", "egg": "œuf/m", "donut": "doughnut/m|donut/m|beignet/m",
    "cake": "gâteau/m|gâteau d'anniversaire/m/gâteaux d'anniversaire", "cupcake": "cupcake/m|petit gâteau/m/petits gâteaux",
    "ice cream": "glace/f|cornet de glace/m/cornets de glace",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "rouge/rouge/rouges/rouges", "green": "vert/verte/verts/vertes", "blue": "bleu/bleue/bleus/bleues", "yellow": "jaune/jaune/jaunes/jaunes",
        "orange": "orange/orange/orange/orange|orangé/orangée/orangés/orangées", "purple": "violet/violette/violets/violettes|mauve/mauve/mauves/mauves",
        "pink": "rose/rose/roses/roses", "black": "noir/noire/noirs/noires", "white": "blanc/blanche/blancs/blanches",
    },
    numbers={"2": "deux", "3": "trois", "4": "quatre"},
    verbs={
        "move": "se déplaçant/se déplace/se déplacent", "play": "jouant/joue/jouent", "stand": "au repos/est au repos/sont au repos",
        "stand:person": "debout/est debout/sont debout", "stand:animal": "debout/est debout/sont debout",
        "walk": "marchant/marche/marchent|se promenant/se promène/se promènent", "run": "courant/court/courent",
        "hop": "sautant/saute/sautent|bondissant/bondit/bondissent", "dance": "dansant/danse/dansent", "fly": "volant/vole/volent|planant/plane/planent",
        "fly:balloon": "flottant/flotte/flottent|volant/vole/volent", "drive": "roulant/roule/roulent|circulant/circule/circulent",
        "ride": "avançant/avance/avancent|roulant/roule/roulent", "ride:person": "pédalant/pédale/pédalent|à vélo/fait du vélo/font du vélo",
        "sail": "naviguant/navigue/naviguent|voguant/vogue/voguent", "swim": "nageant/nage/nagent", "roll": "roulant sur le sol/roule sur le sol/roulent sur le sol",
        "bounce": "rebondissant/rebondit/rebondissent", "rise": "montant/monte/montent|s'élevant/s'élève/s'élèvent", "fall": "tombant/tombe/tombent",
    },
    directions={
        "left": "vers la gauche|à gauche|de droite à gauche", "right": "vers la droite|à droite|de gauche à droite",
        "towards": "vers la caméra|en s'approchant de la caméra", "away": "en s'éloignant|en s'éloignant de la caméra|vers l'horizon",
    },
    places={
        "park": "dans un parc|dans le parc|sur l'herbe d'un parc", "beach": "sur la plage|sur une plage|sur une plage de sable",
        "city": "dans une rue de la ville|dans la ville|en ville|dans une rue animée", "snow": "dans un champ enneigé|dans un paysage enneigé|dans un champ couvert de neige",
        "desert": "dans le désert|dans un désert|parmi les dunes de sable", "sea": "en mer|sur la mer|sur l'océan",
        "mountains": "dans les montagnes|à la montagne|devant les montagnes", "room": "dans une pièce|dans un salon|à l'intérieur|dans une chambre",
    },
    through={
        "park": "à travers un parc|à travers le parc", "beach": "le long de la plage", "city": "à travers la ville|à travers une ville animée",
        "snow": "à travers un champ enneigé", "desert": "à travers le désert", "mountains": "à travers les montagnes",
    },
    weather_in={
        "park": "dans un parc {m}", "beach": "sur une plage {f}", "city": "dans une ville {f}|dans une rue {f}", "desert": "dans un désert {m}",
        "sea": "sur une mer {f}", "mountains": "dans une montagne {f}",
    },
    adjectives={"snow": "enneigé/enneigée", "rain": "pluvieux/pluvieuse", "fog": "brumeux/brumeuse"},
    stages={
        "park": "un parc tranquille|un parc arboré", "beach": "une plage paisible|une belle plage|une plage de sable", "city": "une rue de la ville|une ville animée|une rue calme",
        "snow": "un champ enneigé|un champ couvert de neige", "desert": "un vaste désert|un désert de dunes", "sea": "la haute mer|une mer calme|l'océan",
        "mountains": "un paysage de montagne|des montagnes majestueuses", "room": "une pièce chaleureuse|un salon",
    },
    waves={"beach": "des vagues qui se brisent doucement|des vagues douces", "sea": "des vagues douces|une houle légère"},
    daytimes={"day": "de jour|en plein jour|pendant la journée", "sunset": "au coucher du soleil|au crépuscule|le soir", "night": "la nuit|de nuit|au clair de lune"},
    weathers={
        "clear": "sous un ciel dégagé|par temps clair", "snow": "sous la neige|pendant qu'il neige|avec de la neige qui tombe", "rain": "sous la pluie|pendant qu'il pleut|sous une forte pluie",
        "leaves": "avec des feuilles d'automne qui tombent|parmi les feuilles d'automne qui tombent", "fog": "dans le brouillard|dans la brume|dans un épais brouillard",
    },
    cameras={
        "static": "caméra fixe|plan fixe", "pan left": "la caméra pivote vers la gauche|panoramique vers la gauche", "pan right": "la caméra pivote vers la droite|panoramique vers la droite",
        "tilt up": "la caméra s'incline vers le haut|panoramique vers le haut", "tilt down": "la caméra s'incline vers le bas|panoramique vers le bas",
        "zoom in": "la caméra se rapproche|zoom avant", "zoom out": "la caméra recule|zoom arrière",
    },
    styles={
        "paper": "théâtre de papier|en papier découpé", "cartoon": "style dessin animé|dessin animé|dans le style d'un dessin animé", "noir": "en noir et blanc|film noir en noir et blanc",
        "vintage": "film ancien|style rétro en sépia|vieux film", "watercolor": "aquarelle|peinture à l'aquarelle|dans le style d'une aquarelle", "pixel": "pixel art|en style pixel art",
    },
    relations={
        "left of": "à gauche de", "right of": "à droite de", "on top of": "au-dessus de|sur", "behind": "derrière", "in front of": "devant",
        "on the bottom of": "au-dessous de|sous",
    },
    behind={
        "tree": "passant derrière un arbre|disparaissant derrière un arbre puis réapparaissant", "rock": "passant derrière un rocher|disparaissant derrière un rocher puis réapparaissant",
        "pillar": "passant derrière un pilier|passant derrière une colonne",
    },
    views={"overhead": "dans le ciel|dans les airs", "front": "vue de face"},
    glue="un une des le la les l d de du et à au aux en dans sur sous par pour avec qui que il y a est sont vêtu vêtue vêtus vêtues robe robes chemise chemises habillé habillée "
    "habits vêtements portant plusieurs quelques ce cette ces son sa ses leur vidéo film scène plan montre très grand grande petit petite jeune beau belle près",
    small="aussi ici là lentement rapidement ensemble encore",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    one, gender = fields[0], fields[1]
    plural = gender.endswith("p")
    many = one if plural else fields[2] if len(fields) > 2 else plural_of(one)
    return Name(one=one, many=many, gender=gender[0], plural=plural)


def plural_of(word: str) -> str:
    if word[-1] in "sxz":
        return word
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + ("x" if word.endswith(("eau", "eu")) else "s")


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "deux voitures rouges"; people wear the colour."""
    name, feminine = group.name, group.name.gender == "f"
    words = name.many if group.many else name.one
    color = ""
    if group.color:
        forms = pen.word("colors", group.color).split("/")
        color = " " + (dressed(group, forms, pen) if group.human else forms[(2 if group.many else 0) + feminine])
    if group.count > 1:
        return f"{pen.word('numbers', str(group.count))} {words}{color}"
    article = "des" if group.many else "une" if feminine else "un"
    return f"{article} {words}{color}"


def dressed(group: Group, forms: list[str], pen: Pen) -> str:
    clad = "vêtu" + ("e" if group.name.gender == "f" else "") + ("s" if group.many else "")
    options = f"en {forms[0]}|{clad} de {forms[0]}"
    if group.woman and not group.costumed:
        options += f"|en robe {forms[1]}"
    elif not group.costumed:
        options += f"|en vêtements {forms[2]}"
    return pen.of(options)


def fused(text: str) -> str:
    """ "à gauche d'un chat", "à gauche de chats"."""
    text = re.sub(r"\bde (?=une? )", "d'", text)
    return re.sub(r"\bde des\b", "de", text)


FRENCH: Final = LanguagePack(
    key="fr",
    title="French",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(
        write=sentence, noun_phrase=noun, verb=plain_verb, conjunctions=("avec", " et "), fused=fused, moving=r"^en s'(?:éloign|approch)ant"
    ),
    wording=Wording(
        synonyms=(
            ("noun", "child", "enfant", "bébé|bambin|gosse|nourrisson"), ("noun", "child", "enfants", "bébés|bambins|gosses"),
            ("noun", "man", "homme", "mec|père|papa|mari"), ("noun", "man", "hommes", "mecs|pères"),
            ("noun", "woman", "femme", "mère|maman|madame"), ("noun", "woman", "femmes", "mères|mamans"),
            ("noun", "dog", "chien", "toutou|chienne|clébard"), ("noun", "dog", "~chien", "labrador|berger allemand|bouledogue"),
            ("noun", "cat", "chat", "minou|chatte|matou"), ("noun", "horse", "cheval", "jument|étalon|poulain"),
            ("noun", "bird", "~oiseau", "moineau|corbeau|rouge-gorge|hirondelle"), ("noun", "car", "voiture", "bagnole|véhicule|berline"),
            ("noun", "car", "voitures", "bagnoles|véhicules|berlines"), ("noun", "airplane", "avion", "avion de ligne|aéronef"),
            ("noun", "tree", "~arbre", "chêne|bouleau|saule"), ("noun", "house", "maison", "villa|pavillon|demeure"),
            ("noun", "chair", "~chaise", "fauteuil|tabouret"),
            ("color", "red", "rouge", "écarlate|cramoisi|cramoisie"), ("color", "blue", "bleu", "azur|turquoise|bleu marine"),
            ("color", "yellow", "jaune", "doré|dorée|blond|blonde"), ("color", "white", "~blanc", "argenté|argentée"),
            ("action", "stand", "~debout", "assis|assise|dormant|couché|couchée|endormi|endormie"), ("action", "run", "courant", "galopant|trottant"),
            ("action", "run", "court", "galope|trotte"), ("place", "park", "parc", "jardin|prairie|pré"), ("place", "park", "~parc", "forêt|bois|jungle"),
            ("place", "sea", "~mer", "lac|rivière|fleuve|étang"), ("place", "room", "~pièce", "cuisine|bureau|salle de bain"),
            ("place", "city", "ville", "village|métropole"), ("weather", "clear", "+sous un ciel dégagé", "ensoleillé|ensoleillée"),
            ("weather", "rain", "+sous la pluie", "orage|averse"), ("weather", "snow", "+sous la neige", "tempête de neige|blizzard"),
            ("style", "cartoon", "+style dessin animé", "manga|anime|bande dessinée"), ("style", "noir", "+en noir et blanc", "monochrome"),
            ("count", "2", "deux", "une paire de|un couple de|2"), ("count", "3", "trois", "3"), ("count", "4", "quatre", "4"),
        ),
        dropped="seulement|uniquement|juste|rien que",
        unknown_places="lune|la lune|mars|espace|stade|aéroport|musée|hôpital|supermarché|grotte|volcan|usine|pont|théâtre|sous l'eau",
        many="cinq|six|sept|huit|neuf|dix|onze|douze|une douzaine de|vingt|cinquante|cent|des centaines de|des milliers de",
        units=frozenset({"seconde", "secondes", "minute", "minutes", "heure", "heures"}),
        negators="sans aucun|sans aucune|sans|aucun|aucune|il n y a pas de|il n y a pas d|pas de|pas d|jamais|ni",
        negation_stops="dans en à au aux avec sur sous mais pendant derrière devant près qui que est sont par pour de",
        ands=frozenset({"et"}),
        articles=frozenset({"un", "une", "des", "le", "la", "les", "deux", "trois", "quatre"}),
        affirmed=frozenset({"seulement", "doute"}),
    ),
    sentences=SentenceRules(
        labels=r"scène|prise",
        cut=r"(?:puis\s+)?(?:coupe|on\s+coupe|la\s+caméra\s+coupe)\s+(?:sur|vers|à)\b",
        flow=r"(?:et\s+)?(?:puis|ensuite|après\s+cela|alors)\b",
        never_last=r"mme|mlle|m",
        determiners=r"une?|des|les?|la|l|deux|trois|quatre|plusieurs|ce|cette|ces|son|sa|ses",
        not_after=r"depuis|jusque",
        settings=r"\b(?:dans|sur|sous|en|à|au|aux|chez|vers|devant|derrière|près|parmi|travers|plage|parc|ville|rue|désert|mer|océan|montagnes?|pièce|salon|forêt|ciel)\b",
    ),
    marks="àâçèêëîïôœùûÿ",
)  # fmt: skip

# ruff: noqa: E501 (tables: one thing a line)
"""Spanish.

Nouns are singular/gender m or f (mp, fp: a plural word)/plural; a plural that is left out follows the rule. Colours are
m/f/mp/fp, verbs gerund/singular/plural. Started from the Unicode CLDR names that the `emoji` package carries, then
corrected by hand.
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import plain_verb, sentence
from yozora.language.pack import Grammar, Group, LanguagePack, Name, Pen, Phrases, SentenceRules, Table, Wording

NOUNS: Final[Table] = {
    "person": "persona/f", "man": "hombre/m|señor/m", "woman": "mujer/f|mujer joven/f/mujeres jóvenes", "boy": "niño/m|chico/m",
    "girl": "niña/f|chica/f", "child": "niño pequeño/m/niños pequeños|crío/m", "old man": "anciano/m|hombre mayor/m/hombres mayores",
    "old woman": "anciana/f|mujer mayor/f/mujeres mayores", "cyclist": "ciclista/m", "superhero": "superhéroe/m", "mermaid": "sirena/f",
    "fairy": "hada/f", "cat": "gato/m|gatito/m", "dog": "perro/m|perrito/m",
    "golden retriever": "golden retriever/m/golden retrievers|perro dorado/m/perros dorados", "poodle": "caniche/m", "horse": "caballo/m",
    "sheep": "oveja/f", "cow": "vaca/f", "elephant": "elefante/m", "bear": "oso/m", "zebra": "cebra/f", "giraffe": "jirafa/f",
    "rabbit": "conejo/m|liebre/f", "mouse": "ratón/m", "rat": "rata/f", "ox": "buey/m|toro/m", "buffalo": "búfalo/m", "bison": "bisonte/m",
    "tiger": "tigre/m", "leopard": "leopardo/m|guepardo/m", "lion": "león/m", "dragon": "dragón/m", "crocodile": "cocodrilo/m", "snail": "caracol/m",
    "snake": "serpiente/f", "ram": "carnero/m", "goat": "cabra/f", "monkey": "mono/m", "pig": "cerdo/m", "camel": "camello/m|dromedario/m",
    "squirrel": "ardilla/f", "fox": "zorro/m", "wolf": "lobo/m", "panda": "panda/m|oso panda/m/osos panda", "koala": "koala/m",
    "raccoon": "mapache/m", "deer": "ciervo/m|venado/m", "gorilla": "gorila/m", "rhinoceros": "rinoceronte/m", "hippopotamus": "hipopótamo/m",
    "kangaroo": "canguro/m", "llama": "llama/f|alpaca/f", "hedgehog": "erizo/m", "badger": "tejón/m", "skunk": "mofeta/f", "beaver": "castor/m",
    "mammoth": "mamut/m/mamuts", "donkey": "burro/m|asno/m", "seal": "foca/f", "dinosaur": "dinosaurio/m",
    "tyrannosaurus": "tiranosaurio/m|tiranosaurio rex/m/tiranosaurios rex", "turtle": "tortuga/f", "lizard": "lagarto/m|lagartija/f",
    "frog": "rana/f", "crab": "cangrejo/m", "lobster": "langosta/f|bogavante/m", "scorpion": "escorpión/m", "spider": "araña/f", "ant": "hormiga/f",
    "caterpillar": "oruga/f", "ladybug": "mariquita/f", "bird": "pájaro/m|pajarito/m|ave/f", "seagull": "gaviota/f", "dove": "paloma/f",
    "eagle": "águila/f", "duck": "pato/m", "goose": "ganso/m|oca/f", "swan": "cisne/m", "flamingo": "flamenco/m", "parrot": "loro/m|papagayo/m",
    "owl": "búho/m|lechuza/f", "peacock": "pavo real/m/pavos reales", "turkey": "pavo/m", "rooster": "gallo/m", "chicken": "gallina/f",
    "chick": "pollito/m", "penguin": "pingüino/m", "dodo": "dodo/m", "bat": "murciélago/m", "bee": "abeja/f", "butterfly": "mariposa/f",
    "fish": "pez/m", "tropical fish": "pez tropical/m/peces tropicales", "pufferfish": "pez globo/m/peces globo", "shark": "tiburón/m",
    "dolphin": "delfín/m", "whale": "ballena/f", "octopus": "pulpo/m", "jellyfish": "medusa/f", "car": "coche/m|automóvil/m|carro/m",
    "suv": "todoterreno/m", "taxi": "taxi/m", "police car": "coche de policía/m/coches de policía|patrulla/f",
    "racing car": "coche de carreras/m/coches de carreras", "bus": "autobús/m/autobuses|bus/m/buses", "minibus": "minibús/m/minibuses|furgoneta/f",
    "ambulance": "ambulancia/f", "fire truck": "camión de bomberos/m/camiones de bomberos", "truck": "camión/m",
    "semi truck": "camión articulado/m/camiones articulados|tráiler/m/tráileres", "pickup truck": "camioneta/f", "tractor": "tractor/m",
    "rickshaw": "mototaxi/m|rickshaw/m/rickshaws", "bicycle": "bicicleta/f|bici/f/bicis", "motorcycle": "motocicleta/f|moto/f/motos",
    "scooter": "escúter/m/escúteres|ciclomotor/m", "kick scooter": "patinete/m", "skateboard": "monopatín/m|patineta/f", "sled": "trineo/m",
    "train": "tren/m|locomotora/f", "high-speed train": "tren de alta velocidad/m/trenes de alta velocidad|tren bala/m/trenes bala",
    "tram": "tranvía/m", "carousel horse": "caballo de carrusel/m/caballos de carrusel", "boat": "barco/m|velero/m|barca/f",
    "speedboat": "lancha/f|lancha rápida/f/lanchas rápidas", "motorboat": "lancha motora/f/lanchas motoras|yate/m",
    "ship": "buque/m|barco de vapor/m/barcos de vapor", "cruise ship": "crucero/m", "ferry": "ferri/m/ferris|transbordador/m",
    "canoe": "canoa/f|piragua/f", "airplane": "avión/m", "propeller plane": "avioneta/f", "helicopter": "helicóptero/m",
    "rocket": "cohete/m|nave espacial/f/naves espaciales", "flying saucer": "platillo volante/m/platillos volantes|ovni/m/ovnis",
    "parachute": "paracaídas/m/paracaídas", "sports ball": "balón/m|balón de fútbol/m/balones de fútbol|pelota/f",
    "basketball": "balón de baloncesto/m/balones de baloncesto", "volleyball": "balón de voleibol/m/balones de voleibol",
    "baseball": "pelota de béisbol/f/pelotas de béisbol", "american football": "balón de fútbol americano/m/balones de fútbol americano",
    "ball": "bola de billar/f/bolas de billar", "frisbee": "frisbee/m/frisbees|disco volador/m/discos voladores", "yo-yo": "yoyó/m/yoyós",
    "balloon": "globo/m", "kite": "cometa/f", "house": "casa/f", "cottage": "casa de campo/f/casas de campo", "castle": "castillo/m",
    "church": "iglesia/f", "mosque": "mezquita/f", "school": "escuela/f|colegio/m", "hut": "cabaña/f|choza/f",
    "tent": "tienda de campaña/f/tiendas de campaña", "circus tent": "carpa de circo/f/carpas de circo", "ferris wheel": "noria/f",
    "fountain": "fuente/f", "statue": "estatua/f", "tower": "torre/f", "slide": "tobogán/m", "rock": "roca/f|piedra/f", "tree": "árbol/m",
    "fir tree": "abeto/m|pino/m", "palm tree": "palmera/f", "christmas tree": "árbol de navidad/m/árboles de navidad", "cactus": "cactus/m/cactus",
    "potted plant": "planta en maceta/f/plantas en maceta", "leaf": "hoja/f|hoja de arce/f/hojas de arce", "mushroom": "seta/f|champiñón/m",
    "rose": "rosa/f", "tulip": "tulipán/m", "sunflower": "girasol/m", "flower": "flor/f|margarita/f", "bouquet": "ramo de flores/m/ramos de flores",
    "snowman": "muñeco de nieve/m/muñecos de nieve", "chair": "silla/f", "couch": "sofá/m/sofás", "bed": "cama/f",
    "toilet": "inodoro/m|váter/m/váteres", "bathtub": "bañera/f", "door": "puerta/f", "mirror": "espejo/m",
    "ladder": "escalera de mano/f/escaleras de mano", "tv": "televisor/m|televisión/f", "desktop computer": "ordenador/m|computadora/f",
    "laptop": "portátil/m/portátiles|ordenador portátil/m/ordenadores portátiles", "keyboard": "teclado/m",
    "cell phone": "teléfono móvil/m/teléfonos móviles|celular/m", "radio": "radio/f", "camera": "cámara de fotos/f/cámaras de fotos",
    "clock": "reloj/m/relojes|reloj de mesa/m/relojes de mesa", "alarm clock": "despertador/m", "watch": "reloj de pulsera/m/relojes de pulsera",
    "vase": "jarrón/m|florero/m|ánfora/f", "lamp": "bombilla/f|lámpara/f", "candle": "vela/f", "flashlight": "linterna/f",
    "lantern": "farol/m|farolillo/m", "bell": "campana/f", "key": "llave/f", "book": "libro/m", "box": "caja/f|paquete/m", "gift": "regalo/m",
    "bucket": "cubo/m|balde/m", "basket": "cesta/f", "broom": "escoba/f", "scissors": "tijeras/fp",
    "toothbrush": "cepillo de dientes/m/cepillos de dientes", "umbrella": "paraguas/m/paraguas|sombrilla/f", "backpack": "mochila/f",
    "handbag": "bolso/m|cartera/f", "suitcase": "maleta/f|valija/f", "shopping cart": "carrito de la compra/m/carritos de la compra",
    "tie": "corbata/f", "dress": "vestido/m", "t-shirt": "camiseta/f", "jeans": "vaqueros/mp", "shoe": "zapatilla/f|zapato/m", "boot": "bota/f",
    "scarf": "bufanda/f", "gloves": "guantes/mp", "hat": "sombrero/m|chistera/f", "cap": "gorra/f", "crown": "corona/f",
    "teddy bear": "osito de peluche/m/ositos de peluche|oso de peluche/m/osos de peluche", "robot": "robot/m/robots",
    "roller skate": "patín de ruedas/m/patines de ruedas", "skis": "esquís/mp", "tennis racket": "raqueta de tenis/f/raquetas de tenis|raqueta/f",
    "boxing glove": "guante de boxeo/m/guantes de boxeo", "trophy": "trofeo/m", "guitar": "guitarra/f", "violin": "violín/m", "drum": "tambor/m",
    "trumpet": "trompeta/f", "star": "estrella/f", "diamond": "diamante/m|gema/f", "anchor": "ancla/f", "traffic light": "semáforo/m",
    "stop sign": "señal de stop/f/señales de stop", "fire extinguisher": "extintor/m", "bottle": "botella/f",
    "wine glass": "copa de vino/f/copas de vino|copa/f", "cup": "taza/f|taza de café/f/tazas de café", "teapot": "tetera/f",
    "glass of milk": "vaso de leche/m/vasos de leche", "fork": "tenedor/m", "knife": "cuchillo/m", "spoon": "cuchara/f",
    "bowl": "cuenco/m|bol/m/boles|tazón/m", "banana": "plátano/m|banana/f", "apple": "manzana/f", "orange": "naranja/f|mandarina/f",
    "lemon": "limón/m", "strawberry": "fresa/f", "cherries": "cerezas/fp", "grapes": "uvas/fp|racimo de uvas/m/racimos de uvas",
    "watermelon": "sandía/f", "pineapple": "piña/f", "tomato": "tomate/m", "eggplant": "berenjena/f",
    "corn": "mazorca/f|mazorca de maíz/f/mazorcas de maíz", "broccoli": "brócoli/m/brócolis", "carrot": "zanahoria/f", "pumpkin": "calabaza/f",
    "sandwich": "sándwich/m/sándwiches|bocadillo/m", "hot dog": "perrito caliente/m/perritos calientes", "hamburger": "hamburguesa/f",
    "pizza": "pizza/f", "bread": "pan/m|barra de pan/f/barras de pan", "croissant": "cruasán/m/cruasanes",
    "cheese": "queso/m|trozo de queso/m/trozos de queso", "egg": "huevo/m", "donut": "dónut/m/dónuts|rosquilla/f", "cake": "tarta/f|pastel/m|torta/f",
    "cupcake": "magdalena/f", "ice cream": "helado/m|cucurucho/m",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "rojo/roja/rojos/rojas", "green": "verde/verde/verdes/verdes", "blue": "azul/azul/azules/azules",
        "yellow": "amarillo/amarilla/amarillos/amarillas",
        "orange": "naranja/naranja/naranjas/naranjas|anaranjado/anaranjada/anaranjados/anaranjadas",
        "purple": "morado/morada/morados/moradas|púrpura/púrpura/púrpuras/púrpuras|violeta/violeta/violetas/violetas",
        "pink": "rosa/rosa/rosas/rosas|rosado/rosada/rosados/rosadas", "black": "negro/negra/negros/negras", "white": "blanco/blanca/blancos/blancas",
    },
    numbers={"2": "dos", "3": "tres", "4": "cuatro"},
    verbs={
        "move": "moviéndose/se mueve/se mueven", "play": "jugando/juega/juegan", "stand": "en reposo/está en reposo/están en reposo",
        "stand:person": "de pie/está de pie/están de pie", "stand:animal": "de pie/está de pie/están de pie",
        "walk": "caminando/camina/caminan|andando/anda/andan|paseando/pasea/pasean", "run": "corriendo/corre/corren",
        "hop": "saltando/salta/saltan|brincando/brinca/brincan", "dance": "bailando/baila/bailan", "fly": "volando/vuela/vuelan",
        "fly:balloon": "flotando/flota/flotan|volando/vuela/vuelan",
        "drive": "circulando/circula/circulan|conduciendo/conduce/conducen|avanzando/avanza/avanzan",
        "ride": "avanzando/avanza/avanzan|rodando/rueda/ruedan", "ride:person": "pedaleando/pedalea/pedalean", "sail": "navegando/navega/navegan",
        "swim": "nadando/nada/nadan", "roll": "rodando/rueda/ruedan", "bounce": "rebotando/rebota/rebotan|botando/bota/botan",
        "rise": "subiendo/sube/suben|elevándose/se eleva/se elevan", "fall": "cayendo/cae/caen",
    },
    directions={
        "left": "hacia la izquierda|a la izquierda|de derecha a izquierda", "right": "hacia la derecha|a la derecha|de izquierda a derecha",
        "towards": "hacia la cámara|acercándose a la cámara", "away": "alejándose|alejándose de la cámara|a lo lejos",
    },
    places={
        "park": "en un parque|en el parque|sobre el césped de un parque", "beach": "en la playa|en una playa|en una playa de arena",
        "city": "en una calle de la ciudad|en la ciudad|en una calle concurrida|en una ciudad bulliciosa",
        "snow": "en un campo nevado|en un paisaje nevado|en un campo cubierto de nieve",
        "desert": "en el desierto|en un desierto|entre dunas de arena", "sea": "en el mar|sobre el mar|en el océano",
        "mountains": "en las montañas|en la montaña|frente a las montañas",
        "room": "en una habitación|en una sala|en una sala de estar|dentro de una habitación",
    },
    through={
        "park": "por un parque|por el parque", "beach": "por la playa|por una playa",
        "city": "por una calle de la ciudad|por una ciudad bulliciosa|por la ciudad", "snow": "por un campo nevado", "desert": "por el desierto",
        "mountains": "por las montañas",
    },
    weather_in={
        "park": "en un parque {m}", "beach": "en una playa {f}", "city": "en una ciudad {f}|por una ciudad {f}", "desert": "en un desierto {m}",
        "sea": "en un mar {m}", "mountains": "en una montaña {f}",
    },
    adjectives={"snow": "nevado/nevada", "rain": "lluvioso/lluviosa", "fog": "brumoso/brumosa"},
    stages={
        "park": "un parque tranquilo|un parque con árboles", "beach": "una playa serena|una playa hermosa|una playa de arena",
        "city": "una calle de la ciudad|una ciudad bulliciosa|una calle tranquila", "snow": "un campo nevado|un campo cubierto de nieve",
        "desert": "un vasto desierto|un desierto de dunas", "sea": "el mar abierto|un mar en calma|el océano",
        "mountains": "un paisaje de montaña|unas montañas majestuosas", "room": "una habitación acogedora|una sala de estar",
    },
    waves={"beach": "olas rompiendo suavemente|olas suaves", "sea": "olas suaves|suave oleaje"},
    daytimes={
        "day": "de día|a plena luz del día|durante el día", "sunset": "al atardecer|durante la puesta de sol|al anochecer",
        "night": "de noche|por la noche|bajo la luna",
    },
    weathers={
        "clear": "con el cielo despejado|con tiempo despejado", "snow": "bajo la nieve|mientras nieva|con nieve cayendo",
        "rain": "bajo la lluvia|mientras llueve|con lluvia intensa",
        "leaves": "mientras caen hojas de otoño|entre hojas de otoño que caen|con hojas de otoño cayendo",
        "fog": "en la niebla|entre la niebla|con niebla",
    },
    cameras={
        "static": "cámara fija|plano fijo", "pan left": "la cámara se desplaza a la izquierda|paneo a la izquierda",
        "pan right": "la cámara se desplaza a la derecha|paneo a la derecha", "tilt up": "la cámara se inclina hacia arriba|inclinación hacia arriba",
        "tilt down": "la cámara se inclina hacia abajo|inclinación hacia abajo", "zoom in": "la cámara se acerca|zoom de acercamiento",
        "zoom out": "la cámara se aleja|zoom de alejamiento",
    },
    styles={
        "paper": "teatro de papel|con recortes de papel", "cartoon": "estilo de dibujos animados|dibujo animado|caricatura",
        "noir": "en blanco y negro|cine negro en blanco y negro|estilo noir", "vintage": "película antigua|estilo vintage en sepia",
        "watercolor": "acuarela|pintura de acuarela|al estilo de una acuarela", "pixel": "arte de píxeles|pixel art",
    },
    relations={
        "left of": "a la izquierda de", "right of": "a la derecha de", "on top of": "encima de|sobre", "behind": "detrás de",
        "in front of": "delante de", "on the bottom of": "debajo de",
    },
    behind={
        "tree": "pasando por detrás de un árbol", "rock": "pasando por detrás de una roca", "pillar": "pasando por detrás de una columna",
    },
    views={"overhead": "en lo alto|en el cielo", "front": "vista frontal|vista de frente"},
    glue="un una unos unas el la los las de del y e con en al a por para que hay está están se su sus ropa camisa camisas vestido vestidos algunos "
    "algunas varios varias este esta uno video vídeo película escena toma muestra junto cerca muy grande pequeño pequeña joven hermoso hermosa",
    small="también aquí allí otro otra sola mientras lentamente rápidamente como",
)  # fmt: skip


FEMININE_WITH_UN: Final = ("águila", "ancla", "ánfora", "ave", "hada")  # words with a stressed a: "un águila"


def read_name(fields: Sequence[str]) -> Name:
    one, gender = fields[0], fields[1]
    many = fields[2] if len(fields) > 2 else plural_of(one)
    plural = gender.endswith("p")
    return Name(one=one, many=one if plural else many, gender="f" if gender[0] == "f" else "m", plural=plural)


def plural_of(word: str) -> str:
    if word[-1] in "aeiouéó":
        return word + "s"
    if word.endswith("z"):
        return word[:-1] + "ces"
    for accented, plain in (("ón", "on"), ("án", "an"), ("ín", "in"), ("én", "en"), ("ás", "as")):
        if word.endswith(accented):
            return word[: -len(accented)] + plain + "es"
    return word + "es"


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "dos coches rojos"; people wear the colour."""
    name = group.name
    words = name.many if group.many else name.one
    feminine = name.gender == "f"
    color = ""
    if group.color:
        forms = pen.word("colors", group.color).split("/")
        color = " " + (dressed(group, forms, pen) if group.human else forms[(2 if group.many else 0) + feminine])
    if group.count > 1:
        return f"{pen.pack.phrase('numbers', str(group.count))} {words}{color}"
    if group.many:
        article = ("unas " if feminine else "unos ") if name.plural and group.count else ""
        return f"{article}{words}{color}"
    article = "una" if feminine and words.split(" ")[0] not in FEMININE_WITH_UN else "un"
    return f"{article} {words}{color}"


def dressed(group: Group, forms: list[str], pen: Pen) -> str:
    worn = f"de {forms[0]}|con ropa {forms[1]}"
    if group.costumed:
        worn = f"de {forms[0]}"
    elif group.woman:
        worn += f"|con vestidos {forms[2]}" if group.many else f"|con un vestido {forms[0]}|con vestido {forms[0]}"
    else:
        worn += f"|con camisas {forms[3]}" if group.many else f"|con una camisa {forms[1]}"
    return pen.of(worn)


SPANISH: Final = LanguagePack(
    key="es",
    title="Spanish",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(write=sentence, noun_phrase=noun, verb=plain_verb, conjunctions=("con", " y "), moving=r"ándose(?: |$)"),
    wording=Wording(
        synonyms=(
            ("noun", "child", "niño pequeño", "bebé|nene|nena|chiquillo|pequeñín|chaval|muchacho|muchacha|peque"),
            ("noun", "child", "niños pequeños", "bebés|nenes|nenas|chiquillos|chavales|muchachos|muchachas|peques"),
            ("noun", "man", "hombre", "tipo|caballero|papá|padre|varón"), ("noun", "man", "hombres", "tipos|caballeros|padres"),
            ("noun", "woman", "mujer", "señora|dama|mamá|madre|señorita"), ("noun", "woman", "mujeres", "señoras|damas|madres|señoritas"),
            ("noun", "dog", "perro", "cachorro|perra|can|chucho|perrita"), ("noun", "dog", "perros", "cachorros|perras|canes|perritas"),
            ("noun", "cat", "gato", "gata|gatita|minino|felino"), ("noun", "cat", "gatos", "gatas|gatitas|mininos"),
            ("noun", "horse", "caballo", "yegua|potro|corcel|poni"), ("noun", "horse", "caballos", "yeguas|potros|corceles|ponis"),
            ("noun", "rabbit", "conejo", "coneja|conejito"), ("noun", "bird", "~pájaro", "gorrión|cuervo|canario|cigüeña|colibrí"),
            ("noun", "car", "coche", "auto|vehículo|carrito|deportivo|turismo"), ("noun", "car", "coches", "autos|vehículos"),
            ("noun", "bus", "autobús", "camión urbano|colectivo|ómnibus|guagua"),
            ("noun", "boat", "barco", "bote|lanchita|navío|barquito|embarcación"), ("noun", "airplane", "avión", "aeroplano|avioncito"),
            ("noun", "house", "casa", "vivienda|chalet|hogar|casita|mansión"), ("noun", "tree", "~árbol", "roble|sauce|olivo|manzano"),
            ("noun", "sports ball", "balón", "pelotita|bola"), ("noun", "bicycle", "bicicleta", "triciclo"),
            ("noun", "chair", "~silla", "sillón|taburete|butaca"), ("color", "red", "rojo", "escarlata|carmesí|granate|colorado"),
            ("color", "blue", "azul", "celeste|turquesa|marino"), ("color", "green", "verde", "esmeralda|verdoso"),
            ("color", "yellow", "amarillo", "dorado|dorada|rubio|rubia"), ("color", "purple", "morado", "lila|lavanda"),
            ("color", "pink", "rosa", "fucsia|magenta"), ("color", "white", "~blanco", "plateado|plateada"),
            ("action", "stand", "~está de pie", "duerme|descansa|se sienta|está sentado|está sentada|está tumbado|espera"),
            ("action", "stand", "~de pie", "durmiendo|descansando|sentado|sentada|tumbado|tumbada|esperando|dormido|dormida"),
            ("action", "walk", "caminando", "marchando|vagando|deambulando"), ("action", "walk", "camina", "marcha|vaga|deambula"),
            ("action", "run", "corriendo", "trotando|galopando|esprintando"), ("action", "run", "corre", "trota|galopa"),
            ("action", "fly", "volando", "planeando|sobrevolando|revoloteando"), ("action", "fly", "vuela", "planea|revolotea|sobrevuela"),
            ("action", "dance", "bailando", "danzando"), ("action", "dance", "baila", "danza"), ("action", "drive", "circulando", "manejando"),
            ("place", "park", "parque", "jardín|prado|pradera"), ("place", "park", "~parque", "bosque|selva|granja"),
            ("place", "beach", "playa", "costa|orilla"), ("place", "city", "ciudad", "pueblo|aldea|urbe|metrópolis"),
            ("place", "city", "calle de la ciudad", "carretera|avenida|callejón"), ("place", "sea", "~mar", "lago|río|estanque|piscina"),
            ("place", "sea", "mar", "bahía|puerto"), ("place", "mountains", "montañas", "colinas|sierra|cordillera|alpes"),
            ("place", "room", "~habitación", "cocina|oficina|dormitorio|baño|cuarto|salón"),
            ("daytime", "sunset", "~al atardecer", "al amanecer|de madrugada|al alba"),
            ("daytime", "sunset", "al atardecer", "al ocaso|al crepúsculo|en el crepúsculo"),
            ("daytime", "night", "de noche", "a medianoche|en la oscuridad|esta noche"),
            ("daytime", "day", "de día", "por la mañana|al mediodía|por la tarde"),
            ("weather", "clear", "+con el cielo despejado", "soleado|soleada|sol radiante"),
            ("weather", "rain", "+bajo la lluvia", "lloviendo|tormenta|aguacero|llovizna"),
            ("weather", "snow", "+bajo la nieve", "nevando|nevada fuerte|ventisca|tormenta de nieve"),
            ("weather", "fog", "+en la niebla", "neblina|bruma"),
            ("camera", "zoom in", "+la cámara se acerca", "acercamiento de cámara|zoom hacia dentro"),
            ("style", "cartoon", "+estilo de dibujos animados", "anime|cómic"), ("style", "noir", "+en blanco y negro", "monocromo|monocromático"),
            ("style", "vintage", "+película antigua", "retro|nostálgico"), ("style", "pixel", "+arte de píxeles", "pixelado|8 bits"),
            ("count", "2", "dos", "un par de|una pareja de|2"), ("count", "3", "tres", "un trío de|3"), ("count", "4", "cuatro", "4"),
        ),
        dropped="solo|sólo|solamente|únicamente|nada más que",
        unknown_places="luna|la luna|marte|espacio|estadio|aeropuerto|museo|hospital|supermercado|cueva|volcán|fábrica|puente|teatro|bajo el agua",
        many="cinco|seis|siete|ocho|nueve|diez|once|doce|una docena de|decenas de|veinte|cien|cientos de|miles de",
        units=frozenset({"segundo", "segundos", "minuto", "minutos", "fps", "frames", "bit", "bits", "mm"}),
        negators="sin ningún|sin ninguna|sin|ningún|ninguna|no hay|que no haya|no|nunca|nadie|tampoco",
        negation_stops="en a al por con sobre bajo de desde pero solo sólo solamente mientras durante entre hacia que es hay cerca sino",
        denying=frozenset({"nadie"}),
        ands=frozenset({"y", "e"}),
        articles=frozenset({"un", "una", "el", "la", "los", "las", "unos", "unas", "dos", "tres", "cuatro"}),
        affirmed=frozenset({"solo"}),
    ),
    sentences=SentenceRules(
        labels=r"escena|toma|plano",
        cut=r"(?:y\s+)?(?:luego\s+)?(?:corte|cortamos|se\s+corta|la\s+cámara\s+corta)\s+a\b",
        flow=r"(?:y\s+)?(?:luego|después|despues|entonces|a\s+continuación)\b(?!\s+de\b)",
        never_last=r"sr|sra|srta|dra|ud|uds|p\.ej",
        before_a_number=r"pág|núm|aprox",
        rarely_last=r"ee\.uu",
        determiners=r"una?|unos|unas|el|la|los|las|dos|tres|cuatro|cinco|varios|varias|muchos|muchas|otro|otra|su|sus|mi",
        not_after=r"desde|hasta",
        settings=r"\b(?:en|sobre|bajo|por|entre|dentro|fuera|junto|cerca|tras|ante|frente|hacia|desde|al?|playa|parque|ciudad|calle|"
        r"desierto|mar|océano|montañas?|habitación|sala|bosque|cielo)\b",
    ),
    marks="ñáéíóú¿¡",
)  # fmt: skip
